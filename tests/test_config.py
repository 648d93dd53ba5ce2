"""A configuration says what holds, or stops the start with a hint that names the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.config import default_config, load_config, parse_config
from server.core.errors import OperatorError
from server.core.limits import MAX_ROOM_MEMBERS
from server.core.publicroom import PublicRoom, RoomClass

GARDEN = """
[[rooms]]
name = "garden-2"
title.en = "The garden"
title.fa = "باغ"
topic.en = "Plants"
rules.en = "One.\\nTwo."
class = "support"
slow = 30
capacity = 20
resources = ["A line.", "Another."]
"""

SMALL = '[[rooms]]\nname = "a"\ntitle.en = "A"\n'


def test_whole_room_is_read_as_it_is_written() -> None:
    assert parse_config(GARDEN).rooms == (
        PublicRoom(
            name="garden-2",
            title={"en": "The garden", "fa": "باغ"},
            topic={"en": "Plants"},
            rules={"en": "One.\nTwo."},
            room_class=RoomClass.SUPPORT,
            slow_s=30,
            capacity=20,
            resources=("A line.", "Another."),
        ),
    )


def test_room_needs_a_name_and_a_title_and_nothing_else() -> None:
    (room,) = parse_config(SMALL).rooms
    assert room == PublicRoom("a", {"en": "A"}, {}, {})
    assert (room.room_class, room.slow_s, room.capacity) == (RoomClass.GENERAL, 0, MAX_ROOM_MEMBERS)


def test_rooms_stay_in_their_order() -> None:
    text = SMALL + SMALL.replace('"a"', '"b"')
    assert [room.name for room in parse_config(text).rooms] == ["a", "b"]


def test_without_configuration_there_are_a_general_room_and_one_for_support() -> None:
    assert parse_config("") == default_config()
    general, support = default_config().rooms
    assert (general.room_class, support.room_class) == (RoomClass.GENERAL, RoomClass.SUPPORT)
    assert support.slow_s > general.slow_s == 0
    for room in (general, support):
        assert room.title["en"]
        assert room.topic["en"]
        assert room.rules["en"]


def test_no_resource_is_invented() -> None:
    assert not [room.resources for room in default_config().rooms if room.resources]


def test_empty_list_of_rooms_is_what_the_operator_said() -> None:
    assert parse_config("rooms = []").rooms == ()


WRONG: dict[str, tuple[str, str]] = {
    # what is wrong: a configuration, and the key that the hint must name
    "unknown key at the top": ("romms = 1", "romms"),
    "rooms are no list": ("rooms = 1", "rooms"),
    "rooms are no tables": ("rooms = [1]", "rooms"),
    "too many rooms": ("\n".join(SMALL.replace('"a"', f'"a{n}"') for n in range(65)), "rooms"),
    "unknown key of a room": (SMALL + "slowness = 1", "rooms[1].slowness"),
    "no name": ('[[rooms]]\ntitle.en = "A"', "rooms[1].name"),
    "name that is no text": (SMALL.replace('"a"', "1"), "rooms[1].name"),
    "name with a space": (SMALL.replace('"a"', '"a b"'), "rooms[1].name"),
    "name with a slash": (SMALL.replace('"a"', '"a/b"'), "rooms[1].name"),
    "name in capitals": (SMALL.replace('"a"', '"A"'), "rooms[1].name"),
    "name beyond ASCII": (SMALL.replace('"a"', '"é"'), "rooms[1].name"),
    "name of a page": (SMALL.replace('"a"', '"new"'), "rooms[1].name"),
    "name that is too long": (SMALL.replace('"a"', f'"{"a" * 61}"'), "rooms[1].name"),
    "name twice": (SMALL + SMALL, "rooms[2].name"),
    "no title": ('[[rooms]]\nname = "a"', "rooms[1].title"),
    "title without a language": ('[[rooms]]\nname = "a"\ntitle = "A"', "rooms[1].title"),
    "title in no language": ('[[rooms]]\nname = "a"\ntitle.English = "A"', "title.English"),
    "title of nothing": ('[[rooms]]\nname = "a"\ntitle.en = " \\u200b"', "rooms[1].title.en"),
    "title that is too long": (SMALL.replace('"A"', f'"{"A" * 61}"'), "rooms[1].title.en"),
    "topic that is no text": (SMALL + "topic.en = 1", "rooms[1].topic.en"),
    "rules that are too long": (SMALL + f'rules.en = "{"A" * 2_001}"', "rooms[1].rules.en"),
    "unknown class": (SMALL + 'class = "secret"', "rooms[1].class"),
    "class that is a list": (SMALL + "class = []", "rooms[1].class"),
    "slow that is a text": (SMALL + 'slow = "1"', "rooms[1].slow"),
    "slow that is a truth": (SMALL + "slow = true", "rooms[1].slow"),
    "slow that is broken": (SMALL + "slow = 1.5", "rooms[1].slow"),
    "slow below nothing": (SMALL + "slow = -1", "rooms[1].slow"),
    "slow beyond patience": (SMALL + "slow = 601", "rooms[1].slow"),
    "room for one": (SMALL + "capacity = 1", "rooms[1].capacity"),
    "room for too many": (SMALL + "capacity = 501", "rooms[1].capacity"),
    "resources that are one text": (SMALL + 'class = "support"\nresources = "x"', ".resources"),
    "resource that is none": (SMALL + 'class = "support"\nresources = [1]', ".resources[1]"),
    "too many resources": (
        SMALL + f'class = "support"\nresources = {["x"] * 21}',
        "rooms[1].resources",
    ),
    "resources that are not shown": (SMALL + 'resources = ["x"]', "rooms[1].resources"),
}


@pytest.mark.parametrize(("text", "key"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_stops_the_start_and_the_hint_names_the_key(text: str, key: str) -> None:
    with pytest.raises(OperatorError) as caught:
        parse_config(text)
    assert key in caught.value.hint
    assert str(caught.value)[:1].islower()


def test_what_is_no_toml_names_the_line() -> None:
    with pytest.raises(OperatorError) as caught:
        parse_config("a = 1\nb = = 2\n")
    assert "line 2" in caught.value.hint


def test_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_text(GARDEN, encoding="utf-8")
    assert load_config(file) == parse_config(GARDEN)


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "house.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(OperatorError) as caught:
        load_config(file)
    assert str(file) in str(caught.value)
    assert caught.value.hint


def test_title_is_one_line_and_rules_may_be_several() -> None:
    text = SMALL.replace('"A"', '"A\\n  B"') + 'rules.en = "one\\ntwo"'
    (room,) = parse_config(text).rooms
    assert (room.title["en"], room.rules["en"]) == ("A B", "one\ntwo")
