"""`docs/configuration.md` matches what the server reads from a configuration file."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from server.config import hours, house, load, rooms, topics
from server.config import tor as tor_table
from server.config.load import Config, default_config, parse_config
from server.core.limits import (
    MAX_CAPACITY,
    MAX_MEETING_HOURS,
    MAX_PUBLIC_MEMBERS,
    MAX_PUBLIC_ROOMS,
    MAX_SLOW_S,
    MAX_TITLE_CHARS,
    MAX_TOPICS,
    Capacity,
)

DOCUMENT = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")


def example() -> str:
    (text,) = re.findall(r"^```toml\n(.*?)^```$", DOCUMENT, flags=re.MULTILINE | re.DOTALL)
    return str(text)


def module_example() -> str:
    doc = load.__doc__ or ""
    return "\n".join(line[4:] for line in doc.splitlines() if line.startswith("    "))


def rows() -> dict[str, tuple[str, str]]:
    """Return each key of the table, with its limits and its default."""
    matches = re.findall(r"^\| `([\w.]+)` \|.*?\| (.*?) \| (.*?) \|$", DOCUMENT, flags=re.MULTILINE)
    return {key: (limits, default) for key, limits, default in matches}


def keys() -> set[str]:
    """Return every key that the server knows; the three tables that occur once have no row."""
    tables = {
        "house": house.KEYS,
        "rooms": rooms.KEYS,
        "topics": topics.KEYS,
        "hours": hours.KEYS,
        "capacity": {field.name for field in fields(Capacity)},
        "tor": tor_table.KEYS,
    }
    assert tables.keys() == load.KEYS
    inner = {f"{table}.{key}" for table, known in tables.items() for key in known}
    return inner | (load.KEYS - {"capacity", "tor", "house"})


@pytest.mark.parametrize("text", [example(), module_example()], ids=["document", "module"])
def test_example_sets_every_part_of_the_configuration(text: str) -> None:
    config = parse_config(text)
    assert config.capacity == Capacity()
    for part in ("house", "rooms", "topics", "hours", "tor"):
        assert getattr(config, part) != getattr(default_config(), part)
    assert {field.name for field in fields(Config)} == load.KEYS


@pytest.mark.parametrize("part", ["rooms", "topics"])
def test_empty_list_is_accepted_where_the_document_shows_it(part: str) -> None:
    assert f"`{part} = []`" in DOCUMENT
    rest = "[capacity]" + example().partition("[capacity]")[2]
    assert not getattr(parse_config(f"{part} = []\n{rest}"), part)


def test_example_shows_every_key() -> None:
    shown = set(re.findall(r"^(?:\[\[?)?(\w+)(?:\.\w+)?(?: =|\]\]?)", example(), re.MULTILINE))
    assert shown == {key.rpartition(".")[2] for key in keys()} | {"capacity", "tor", "house"}


def test_table_has_every_key_and_no_other() -> None:
    assert rows().keys() == keys()


@pytest.mark.parametrize(
    ("key", "limits"),
    [
        ("rooms", f"at most {MAX_PUBLIC_ROOMS}"),
        ("rooms.name", f"at most {MAX_TITLE_CHARS};"),
        ("rooms.title", f"at most {MAX_TITLE_CHARS} characters"),
        ("rooms.topic", f"at most {rooms.MAX_TOPIC_CHARS} characters"),
        ("rooms.rules", f"at most {rooms.MAX_RULES_CHARS:,} characters"),
        ("rooms.slow", f"0 to {MAX_SLOW_S}"),
        ("rooms.capacity", f"2 to {MAX_PUBLIC_MEMBERS:,}"),
        ("rooms.resources", f"at most {rooms.MAX_RESOURCES},"),
        ("rooms.resources", f"at most {rooms.MAX_RESOURCE_CHARS} characters"),
        ("topics", f"at most {MAX_TOPICS}"),
        ("topics.code", f"at most {MAX_TITLE_CHARS};"),
        ("topics.name", f"at most {MAX_TITLE_CHARS} characters"),
        ("hours", f"at most {MAX_MEETING_HOURS}"),
        ("house.title", f"at most {MAX_TITLE_CHARS} characters"),
        ("house.welcome", f"at most {house.MAX_WELCOME_CHARS} characters"),
        ("house.rules", f"at most {house.MAX_RULES_CHARS:,} characters"),
        ("house.contact", f"at most {house.MAX_CONTACT_CHARS} characters"),
        *((f"capacity.{key}", f"1 to {most:,}") for key, most in asdict(MAX_CAPACITY).items()),
    ],
)
def test_table_states_the_limits_in_force(key: str, limits: str) -> None:
    assert limits in rows()[key][0]


@pytest.mark.parametrize(("key", "default"), asdict(Capacity()).items())
def test_table_states_the_default_capacity(key: str, default: int) -> None:
    assert rows()[f"capacity.{key}"][1] == f"{default:,}"
