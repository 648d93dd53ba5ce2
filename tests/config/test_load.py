"""A configuration is read completely, or refused with a hint that names the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.config.load import default_config, load_config, parse_config
from server.core.errors import OperatorError
from server.core.limits import (
    MAX_CAPACITY,
    MAX_MEETING_HOURS,
    MAX_PUBLIC_MEMBERS,
    MAX_ROOM_MEMBERS,
    MAX_TOPICS,
    Capacity,
)
from server.core.meeting_hours import MeetingHour, MeetingHours
from server.core.room.public import PublicRoom, RoomClass

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
TOPIC = '[[topics]]\ncode = "a"\nname.en = "A"\n'
HOUR = '[[hours]]\nfrom = "18:00"\nuntil = "22:30"\n'


def test_every_key_of_a_room_is_read() -> None:
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


def test_room_needs_only_a_name_and_a_title() -> None:
    (room,) = parse_config(SMALL).rooms
    assert room == PublicRoom("a", {"en": "A"}, {}, {})
    assert (room.room_class, room.slow_s, room.capacity) == (RoomClass.GENERAL, 0, MAX_ROOM_MEMBERS)


def test_capacity_of_a_room_may_exceed_the_default() -> None:
    (room,) = parse_config(f"{SMALL}capacity = {MAX_PUBLIC_MEMBERS}").rooms
    assert room.capacity == MAX_PUBLIC_MEMBERS > MAX_ROOM_MEMBERS


def test_circuit_ids_are_believed_only_where_the_operator_says_so() -> None:
    assert not parse_config("").tor.circuit_ids
    assert not parse_config("[tor]").tor.circuit_ids
    assert parse_config("[tor]\ncircuit_ids = true").tor.circuit_ids


@pytest.mark.parametrize("value", ['"true"', "1", "[]"])
def test_circuit_ids_are_true_or_false(value: str) -> None:
    with pytest.raises(OperatorError, match="neither true nor false") as refused:
        parse_config(f"[tor]\ncircuit_ids = {value}")
    assert refused.value.hint.startswith("tor.circuit_ids: true or false")


def test_bridges_are_kept_as_they_are_written() -> None:
    assert parse_config("").tor.bridges == ()
    assert parse_config("[tor]\nbridges = []").tor.bridges == ()
    lines = parse_config('[tor]\nbridges = ["Bridge a", " b "]').tor.bridges
    assert lines == ("Bridge a", " b ")


@pytest.mark.checklist(34)
@pytest.mark.parametrize(
    ("value", "place"),
    [
        ('"obfs4 …"', "tor.bridges"),
        ("true", "tor.bridges"),
        ('["a", 1]', "tor.bridges[2]"),
        ('["a", ""]', "tor.bridges[2]"),
        ('["a", ["b"]]', "tor.bridges[2]"),
        (f'["{"a" * 4097}"]', "tor.bridges[1]"),
        (str(["a"] * 101), "tor.bridges"),
    ],
)
def test_value_that_is_no_list_of_lines_is_refused_at_its_place(value: str, place: str) -> None:
    with pytest.raises(OperatorError) as refused:
        parse_config(f"[tor]\nbridges = {value}")
    assert refused.value.hint.startswith(f"{place}: ")


@pytest.mark.parametrize(
    "text", ['bridges = ["a"]', '[tor]\nbridge = ["a"]', "[tor]\nBridges = []"]
)
def test_misplaced_bridges_are_never_overlooked(text: str) -> None:
    with pytest.raises(OperatorError, match="is not a known key"):
        parse_config(text)


def test_two_keys_on_one_line_are_refused() -> None:
    with pytest.raises(OperatorError, match="is not TOML") as refused:
        parse_config('[tor]\nbridges = ["a"] circuit_ids = true')
    assert "line 2" in refused.value.hint


def test_rooms_keep_their_order() -> None:
    text = SMALL + SMALL.replace('"a"', '"b"')
    assert [room.name for room in parse_config(text).rooms] == ["a", "b"]


def test_default_rooms_are_a_general_and_a_support_room() -> None:
    assert parse_config("") == default_config()
    general, support = default_config().rooms
    assert (general.room_class, support.room_class) == (RoomClass.GENERAL, RoomClass.SUPPORT)
    assert support.slow_s > general.slow_s == 0
    for room in (general, support):
        assert room.title["en"]
        assert room.topic["en"]
        assert room.rules["en"]


def test_default_rooms_list_no_resources() -> None:
    assert not [room.resources for room in default_config().rooms if room.resources]


def test_empty_list_of_rooms_replaces_the_defaults() -> None:
    assert parse_config("rooms = []").rooms == ()


def test_topics_keep_their_order_and_languages() -> None:
    text = '[[topics]]\ncode = "z-1"\nname.en = "Z"\nname.fa = "ز"\n' + TOPIC
    topics = parse_config(text).topics
    assert list(topics.items()) == [("z-1", {"en": "Z", "fa": "ز"}), ("a", {"en": "A"})]


def test_twelve_default_topics_exist_in_every_language() -> None:
    topics = default_config().topics
    assert len(topics) == 12
    assert all(names["en"] and names["fa"] not in {"", names["en"]} for names in topics.values())


def test_empty_list_of_topics_replaces_the_defaults() -> None:
    assert parse_config("topics = []").topics == {}


def test_hours_are_minutes_of_the_day_and_may_pass_midnight() -> None:
    text = HOUR + '[[hours]]\nfrom = "23:59"\nuntil = "00:00"\n'
    assert parse_config(text).hours == MeetingHours(
        (MeetingHour(18 * 60, 22 * 60 + 30), MeetingHour(23 * 60 + 59, 0))
    )


def test_default_configuration_has_no_hours() -> None:
    assert default_config().hours == parse_config("hours = []").hours == MeetingHours()


def test_missing_capacity_keys_keep_their_defaults() -> None:
    text = "[capacity]\nsessions = 5\nrooms = 2\ntickets = 3\nstreams = 4"
    assert parse_config(text).capacity == Capacity(5, 2, 3, 4)
    assert parse_config("[capacity]\nstreams = 4").capacity == Capacity(streams=4)
    assert parse_config("[capacity]").capacity == default_config().capacity == Capacity()


@pytest.mark.parametrize("key", ["sessions", "rooms", "tickets", "streams"])
def test_capacity_is_refused_outside_its_range(key: str) -> None:
    most = getattr(MAX_CAPACITY, key)
    assert getattr(parse_config(f"[capacity]\n{key} = {most}").capacity, key) == most
    for number in (0, most + 1):
        with pytest.raises(OperatorError) as caught:
            parse_config(f"[capacity]\n{key} = {number}")
        assert caught.value.hint == f"capacity.{key}: a whole number from 1 to {most}"


def test_parts_of_the_configuration_are_independent() -> None:
    defaults = default_config()
    for part, text in {"rooms": SMALL, "topics": TOPIC, "hours": HOUR}.items():
        config = parse_config(text)
        for other in ("rooms", "topics", "hours", "capacity"):
            assert (getattr(config, other) == getattr(defaults, other)) == (other != part)


def many(table: str, name: str, count: int) -> str:
    """Repeat a table, each time with another name."""
    return "\n".join(table.replace(f'{name} = "a"', f'{name} = "a{n}"') for n in range(count))


def test_tables_up_to_the_limit_are_read() -> None:
    assert len(parse_config(many(TOPIC, "code", MAX_TOPICS)).topics) == MAX_TOPICS
    assert len(parse_config(HOUR * MAX_MEETING_HOURS).hours.hours) == MAX_MEETING_HOURS


INVALID: dict[str, tuple[str, str]] = {
    # problem: (configuration, text that the hint must contain)
    "unknown key at the top": ("romms = 1", "romms"),
    "rooms are not a list": ("rooms = 1", "rooms"),
    "rooms are not tables": ("rooms = [1]", "rooms"),
    "too many rooms": (many(SMALL, "name", 65), "rooms"),
    "unknown key of a room": (SMALL + "slowness = 1", "rooms[1].slowness"),
    "missing name": ('[[rooms]]\ntitle.en = "A"', "rooms[1].name"),
    "name is not a string": (SMALL.replace('"a"', "1"), "rooms[1].name"),
    "name with a space": (SMALL.replace('"a"', '"a b"'), "rooms[1].name"),
    "name with a slash": (SMALL.replace('"a"', '"a/b"'), "rooms[1].name"),
    "name in upper case": (SMALL.replace('"a"', '"A"'), "rooms[1].name"),
    "name outside ASCII": (SMALL.replace('"a"', '"é"'), "rooms[1].name"),
    "reserved name": (SMALL.replace('"a"', '"new"'), "rooms[1].name"),
    "name too long": (SMALL.replace('"a"', f'"{"a" * 61}"'), "rooms[1].name"),
    "repeated name": (SMALL + SMALL, "rooms[2].name"),
    "missing title": ('[[rooms]]\nname = "a"', "rooms[1].title"),
    "title without a language": ('[[rooms]]\nname = "a"\ntitle = "A"', "rooms[1].title"),
    "title in an invalid language": ('[[rooms]]\nname = "a"\ntitle.English = "A"', "title.English"),
    "invisible title": ('[[rooms]]\nname = "a"\ntitle.en = " \\u200b"', "rooms[1].title.en"),
    "title too long": (SMALL.replace('"A"', f'"{"A" * 61}"'), "rooms[1].title.en"),
    "topic is not a string": (SMALL + "topic.en = 1", "rooms[1].topic.en"),
    "rules too long": (SMALL + f'rules.en = "{"A" * 2_001}"', "rooms[1].rules.en"),
    "unknown class": (SMALL + 'class = "secret"', "rooms[1].class"),
    "class is a list": (SMALL + "class = []", "rooms[1].class"),
    "slow is a string": (SMALL + 'slow = "1"', "rooms[1].slow"),
    "slow is a boolean": (SMALL + "slow = true", "rooms[1].slow"),
    "slow is a fraction": (SMALL + "slow = 1.5", "rooms[1].slow"),
    "slow below zero": (SMALL + "slow = -1", "rooms[1].slow"),
    "slow above its maximum": (SMALL + "slow = 601", "rooms[1].slow"),
    "room for one": (SMALL + "capacity = 1", "rooms[1].capacity"),
    "room for too many": (SMALL + "capacity = 5001", "rooms[1].capacity"),
    "resources are a string": (SMALL + 'class = "support"\nresources = "x"', ".resources"),
    "resource is not a string": (SMALL + 'class = "support"\nresources = [1]', ".resources[1]"),
    "too many resources": (
        SMALL + f'class = "support"\nresources = {["x"] * 21}',
        "rooms[1].resources",
    ),
    "resources of a general room": (SMALL + 'resources = ["x"]', "rooms[1].resources"),
    "topics are not a list": ("topics = 1", "[[topics]]"),
    "topics are not tables": ('topics = ["plants"]', "[[topics]]"),
    "topic in single brackets": ('[topics]\ncode = "a"', "[[topics]]"),
    "too many topics": (many(TOPIC, "code", MAX_TOPICS + 1), "topics"),
    "unknown key of a topic": (TOPIC + "title = 1", "topics[1].title"),
    "missing code": ('[[topics]]\nname.en = "A"', "topics[1].code"),
    "code with a space": (TOPIC.replace('"a"', '"a b"'), "topics[1].code"),
    "empty code": (TOPIC.replace('"a"', '""'), "topics[1].code"),
    "code with a symbol": (TOPIC.replace('"a"', '"*"'), "topics[1].code"),
    "code too long": (TOPIC.replace('"a"', f'"{"a" * 61}"'), "topics[1].code"),
    "repeated code": (TOPIC + TOPIC, "topics[2].code"),
    "topic without a name": ('[[topics]]\ncode = "a"', "topics[1].name"),
    "topic in an invalid language": (TOPIC.replace("en", "English"), "topics[1].name.English"),
    "topic without a language": ('[[topics]]\ncode = "a"\nname = "A"', "topics[1].name"),
    "invisible topic": (TOPIC.replace('"A"', '" "'), "topics[1].name.en"),
    "topic too long": (TOPIC.replace('"A"', f'"{"A" * 61}"'), "topics[1].name.en"),
    "hours are not a list": ("hours = 18", "[[hours]]"),
    "hours are not tables": ('hours = ["18:00"]', "[[hours]]"),
    "too many hours": (HOUR * (MAX_MEETING_HOURS + 1), "hours"),
    "unknown key of an hour": (HOUR + 'zone = "CET"', "hours[1].zone"),
    "hour without a start": ('[[hours]]\nuntil = "22:00"', "hours[1].from"),
    "hour without an end": ('[[hours]]\nfrom = "22:00"', "hours[1].until"),
    "hour ends when it starts": (HOUR.replace("22:30", "18:00"), "hours[1].until"),
    "hour of 24": (HOUR.replace("22:30", "24:00"), "hours[1].until"),
    "minute of 60": (HOUR.replace("18:00", "18:60"), "hours[1].from"),
    "hour with one digit": (HOUR.replace("18:00", "8:00"), "hours[1].from"),
    "hour in other digits": (HOUR.replace("18:00", "\u06f1\u06f8:\u06f0\u06f0"), "hours[1].from"),
    "hour with seconds": (HOUR.replace("18:00", "18:00:00"), "hours[1].from"),
    "hour without quotes": (HOUR.replace('"18:00"', "18:00:00"), "hours[1].from"),
    "hour is a number": (HOUR.replace('"18:00"', "18"), "hours[1].from"),
    "second hour is invalid": (HOUR + HOUR.replace("18:00", "x"), "hours[2].from"),
    "capacity is a number": ("capacity = 1", "[capacity]"),
    "capacity is a list": ("[[capacity]]\nrooms = 1", "[capacity]"),
    "unknown key of the capacity": ("[capacity]\nrecords = 1", "capacity.records"),
    "capacity is a string": ('[capacity]\nrooms = "1"', "capacity.rooms"),
    "capacity is a boolean": ("[capacity]\nrooms = true", "capacity.rooms"),
}


@pytest.mark.parametrize(("text", "key"), INVALID.values(), ids=INVALID)
def test_invalid_value_is_refused_and_the_hint_names_its_key(text: str, key: str) -> None:
    with pytest.raises(OperatorError) as caught:
        parse_config(text)
    assert key in caught.value.hint
    assert str(caught.value)[:1].islower()


def test_invalid_toml_names_the_line() -> None:
    with pytest.raises(OperatorError) as caught:
        parse_config("a = 1\nb = = 2\n")
    assert "line 2" in caught.value.hint


def test_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text(GARDEN, encoding="utf-8")
    assert load_config(file) == parse_config(GARDEN)


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_unreadable_file_is_refused_with_the_reason(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "server.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(OperatorError) as caught:
        load_config(file)
    assert str(file) in str(caught.value)
    assert caught.value.hint


def test_title_is_one_line_and_rules_keep_their_lines() -> None:
    text = SMALL.replace('"A"', '"A\\n  B"') + 'rules.en = "one\\ntwo"'
    (room,) = parse_config(text).rooms
    assert (room.title["en"], room.rules["en"]) == ("A B", "one\ntwo")
