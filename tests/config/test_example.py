"""`sottovoce.example.toml` has every key, and says what is the default."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from server.config import hours, house, rooms, topics, tor
from server.config.example import CAPACITY_REASONS, render_example, uncommented
from server.config.load import READERS, default_config, parse_config
from server.core.errors import OperatorError
from server.core.limits import Capacity

EXAMPLE = Path(__file__).parents[2] / "sottovoce.example.toml"


def test_example_is_what_the_program_renders() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == render_example(), "run `make example`"


def test_example_as_it_is_means_what_no_file_means() -> None:
    assert parse_config(render_example()) == default_config()


def test_values_in_it_are_the_defaults() -> None:
    config, defaults = parse_config(uncommented(render_example())), default_config()
    assert (config.rooms, config.topics) == (defaults.rooms, defaults.topics)
    assert (config.capacity, config.tor) == (defaults.capacity, defaults.tor)


def test_every_key_of_every_table_is_in_it_below_a_reason() -> None:
    assert set(CAPACITY_REASONS) == set(asdict(Capacity()))
    lines = render_example().split("\n")
    keys = {*house.KEYS, *rooms.KEYS, *topics.KEYS, *hours.KEYS, *CAPACITY_REASONS, *tor.KEYS}
    found = {match[1] for line in lines if (match := re.match(r"#(\w+)(?:\.\w+)? = ", line))}
    assert found == keys
    for table in READERS:
        assert f"#[{table}]" in lines or f"#[[{table}]]" in lines
    for key in (*CAPACITY_REASONS, *tor.KEYS):
        above = next(n for n, line in enumerate(lines) if line.startswith(f"#{key} = ")) - 1
        assert lines[above].startswith("# ")


def test_lines_fit_a_terminal() -> None:
    explaining = [line for line in render_example().split("\n") if line.startswith("# ")]
    assert max(map(len, explaining)) <= 100


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[capacity]\n\nstreams = 0\n", 3, "capacity.streams (line 3) is not a valid number"),
        ("# why\n[[rooms]]\nname = 'a'\n", 2, "rooms[1].title (line 2) is missing"),
        (
            "[[topics]]\ncode = 'a'\nname.en = 'A'\n[[topics]]\ncode = 'a'\nname.en = 'B'\n",
            5,
            "topics[2].code (line 5) is used twice",
        ),
        ("[tor]\nbridges = [\n  'a',\n  1,\n]\n", 2, "tor.bridges[2] (line 2) is not a bridge"),
        ("[[rooms]]\nname='a'\ntitle.en = '''\n'''\n", 3, "rooms[1].title.en (line 3) is not"),
        ("romms = []\n", 1, "romms (line 1) is not a known key"),
    ],
)
def test_error_names_the_line_of_its_key(text: str, line: int, words: str) -> None:
    with pytest.raises(OperatorError) as caught:
        parse_config(text)
    assert words in str(caught.value)
    assert f"line {line}" in str(caught.value)
