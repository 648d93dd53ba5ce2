"""A variable of the environment sets one key, in place of the file, and is named in errors."""

from __future__ import annotations

import pytest

from server.config import house, load, tor
from server.config.environment import FILE_ONLY, VARIABLES, own_variables
from server.config.handover import for_web_process
from server.config.load import default_config, find_errors, parse_config
from server.core.errors import OperatorError
from server.core.limits import Capacity

FILE = """
[house]
title.en = "From the file"
title.fa = "از فایل"
contact.en = "From the file"
[capacity]
rooms = 5
streams = 6
"""


def read(name: str, value: str, text: str = "") -> load.Config:
    return parse_config(text, own_variables({name: value}))


def test_every_key_of_a_table_that_occurs_once_has_a_variable() -> None:
    keys = {
        *(f"house.{key}" for key in house.KEYS),
        *(f"tor.{key}" for key in tor.KEYS),
        *(f"capacity.{key}" for key in Capacity.__dataclass_fields__),
    }
    assert {variable.path for variable in VARIABLES.values()} == keys
    assert set(FILE_ONLY) == load.KEYS - {"house", "tor", "capacity"}


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("The reading room", {"en": "The reading room"}),
        ('"The reading room"', {"en": "The reading room"}),
        ("2026", {"en": "2026"}),
        ("true", {"en": "true"}),
        ('{en = "A", fa = "ب"}', {"en": "A", "fa": "ب"}),
        ("{en = A}", {"en": "{en = A}"}),
        ("[" * 5_000, None),
    ],
)
def test_text_may_be_plain_or_toml(value: str, title: dict[str, str] | None) -> None:
    if title is None:
        with pytest.raises(OperatorError, match=r"title\.en \(SOTTOVOCE_HOUSE_TITLE\) is not"):
            read("SOTTOVOCE_HOUSE_TITLE", value)
    else:
        assert read("SOTTOVOCE_HOUSE_TITLE", value).house.title == title


def test_plain_text_is_in_the_first_language_of_the_pages() -> None:
    variables = {"SOTTOVOCE_HOUSE_TITLE": "اتاق", "SOTTOVOCE_HOUSE_LANGUAGES": "fa, en"}
    found = parse_config("", variables).house
    assert (found.languages, found.title) == (("fa", "en"), {"fa": "اتاق"})
    found = read("SOTTOVOCE_HOUSE_TITLE", "اتاق", '[house]\nlanguages = ["فارسی"]').house
    assert found.title == {"fa": "اتاق"}


@pytest.mark.parametrize(
    ("name", "value", "table", "key", "read_as"),
    [
        ("SOTTOVOCE_CAPACITY_RING_MIB", "64", "capacity", "ring_mib", 64),
        ("SOTTOVOCE_TOR_CIRCUIT_IDS", " true ", "tor", "circuit_ids", True),
        ("SOTTOVOCE_HOUSE_LANGUAGES", '["fa"]', "house", "languages", ("fa",)),
        (
            "SOTTOVOCE_TOR_BRIDGES",
            "obfs4 a,b\nobfs4 c\n",
            "tor",
            "bridges",
            ("obfs4 a,b", "obfs4 c"),
        ),
        ("SOTTOVOCE_TOR_BRIDGES", '["a", "b"]', "tor", "bridges", ("a", "b")),
        ("SOTTOVOCE_HOUSE_RULES", "One.\nTwo = 2", "house", "rules", {"en": "One.\nTwo = 2"}),
        ("SOTTOVOCE_HOUSE_RULES", '"One.\\nTwo."', "house", "rules", {"en": "One.\nTwo."}),
    ],
)
def test_every_kind_of_value_is_read(
    name: str, value: str, table: str, key: str, read_as: object
) -> None:
    assert getattr(getattr(read(name, value), table), key) == read_as


def test_variable_is_in_force_in_place_of_its_key_alone() -> None:
    config = parse_config(FILE, {"SOTTOVOCE_HOUSE_TITLE": "X", "SOTTOVOCE_CAPACITY_ROOMS": "7"})
    assert config.house.title == {"en": "X"}
    assert config.house.contact == {"en": "From the file"}
    assert (config.capacity.rooms, config.capacity.streams) == (7, 6)


def test_variable_mends_a_wrong_key_of_the_file() -> None:
    text = "[capacity]\nrooms = 0\n"
    assert read("SOTTOVOCE_CAPACITY_ROOMS", "7", text).capacity.rooms == 7


@pytest.mark.parametrize("name", ["SOTTOVOCE_CONFIG", "SOTTOVOCE_FOLDER", "HOME", "SOTTOVOCE"])
def test_other_variables_are_left_alone(name: str) -> None:
    assert own_variables({name: "x"}) == {}


def test_empty_variable_counts_as_not_set() -> None:
    assert read("SOTTOVOCE_HOUSE_TITLE", "", FILE) == parse_config(FILE)
    assert read("SOTTOVOCE_CAPACITY_ROOMS", "") == default_config()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SOTTOVOCE_CAPACITY_ROOMS", "many", "rooms (SOTTOVOCE_CAPACITY_ROOMS) is not a valid"),
        ("SOTTOVOCE_CAPACITY_ROOMS", '"5"', "rooms (SOTTOVOCE_CAPACITY_ROOMS) is not a valid"),
        ("SOTTOVOCE_CAPACITY_ROOMS", "true", "rooms (SOTTOVOCE_CAPACITY_ROOMS) is not a valid"),
        ("SOTTOVOCE_TOR_CIRCUIT_IDS", "yes", "ids (SOTTOVOCE_TOR_CIRCUIT_IDS) is neither"),
        ("SOTTOVOCE_HOUSE_LANGUAGES", "xx", "languages[1] (SOTTOVOCE_HOUSE_LANGUAGES) is not"),
        ("SOTTOVOCE_HOUSE_TITLE", "{e1 = 'x'}", "title.e1 (SOTTOVOCE_HOUSE_TITLE) is not"),
        ("SOTTOVOCE_HOUSE_WELCOME", "x" * 301, "welcome.en (SOTTOVOCE_HOUSE_WELCOME) is not"),
    ],
)
def test_wrong_value_is_refused_and_the_variable_is_its_place(
    name: str, value: str, words: str
) -> None:
    (error,) = find_errors(FILE, {name: value})
    assert words in str(error)
    assert "line" not in str(error)


def test_error_of_the_file_beside_a_variable_still_names_its_line() -> None:
    (error,) = find_errors("[capacity]\nrooms = 0\n", {"SOTTOVOCE_CAPACITY_STREAMS": "5"})
    assert "capacity.rooms (line 2)" in str(error)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("SOTTOVOCE_HOUS_TITLE", "did you mean SOTTOVOCE_HOUSE_TITLE?"),
        ("SOTTOVOCE_HOUSE_TITLE_EN", "did you mean SOTTOVOCE_HOUSE_TITLE?"),
        ("SOTTOVOCE_BRIDGES", "did you mean SOTTOVOCE_TOR_BRIDGES?"),
        ("SOTTOVOCE_CONFG", "did you mean SOTTOVOCE_CONFIG?"),
        ("SOTTOVOCE_ROOMS", "rooms can be set in the configuration file only"),
        ("SOTTOVOCE_\udcff", "SOTTOVOCE_\\udcff: did you"),
        ("SOTTOVOCE_XYZ", "each is SOTTOVOCE_, the table and the key"),
    ],
)
def test_unknown_variable_stops_the_start_with_the_near_one(name: str, hint: str) -> None:
    with pytest.raises(OperatorError, match=r"the variable SOTTOVOCE_\S+ is not known") as refused:
        read(name, "1")
    assert hint in refused.value.hint


def test_value_that_is_no_text_is_refused() -> None:
    with pytest.raises(OperatorError, match="SOTTOVOCE_HOUSE_TITLE is not UTF-8"):
        read("SOTTOVOCE_HOUSE_TITLE", "a\udcff")


def test_web_process_gets_the_same_values_and_no_bridges() -> None:
    variables = {
        "SOTTOVOCE_TOR_BRIDGES": "obfs4 192.0.2.1:443 SECRET",
        "SOTTOVOCE_HOUSE_TITLE": "From outside",
        "SOTTOVOCE_HOUSE_LANGUAGES": "fa",
    }
    for text in ("", FILE, "[tor]\nbridges = ['192.0.2.2:1']\n"):
        handed_over = for_web_process(text, variables)
        assert "192.0.2" not in handed_over
        assert parse_config(handed_over).house == parse_config(text, variables).house
        assert parse_config(handed_over).house.title == {"fa": "From outside"}
