"""Reads the public rooms from the `[[rooms]]` tables of a configuration."""

from __future__ import annotations

from server.config.values import (
    Table,
    check_keys,
    check_unique,
    invalid,
    read_int,
    read_name,
    read_tables,
    read_text,
    read_words,
)
from server.core.limits import (
    MAX_PUBLIC_MEMBERS,
    MAX_PUBLIC_ROOMS,
    MAX_ROOM_MEMBERS,
    MAX_SLOW_S,
    MAX_TITLE_CHARS,
)
from server.core.room.public import PublicRoom, RoomClass

KEYS = frozenset({"name", "title", "topic", "rules", "class", "slow", "capacity", "resources"})
RESERVED = frozenset({"new"})
"""Names that are taken by other pages below `/rooms/`."""

MAX_TOPIC_CHARS = 300
MAX_RULES_CHARS = 2_000
MAX_RESOURCES = 20
MAX_RESOURCE_CHARS = 300


def read_rooms(value: object) -> tuple[PublicRoom, ...]:
    """Read `[[rooms]]`.

    Raises:
        OperatorError: for the first invalid value; the hint names its key.
    """
    tables = read_tables(value, "rooms", max_tables=MAX_PUBLIC_ROOMS)
    rooms = tuple(_read_room(table, within) for table, within in tables)
    check_unique([room.name for room in rooms], "rooms", "name")
    return rooms


def _read_room(table: Table, within: str) -> PublicRoom:
    check_keys(table, KEYS, within)
    room_class = _read_class(table.get("class", RoomClass.GENERAL.value), f"{within}class")
    return PublicRoom(
        name=_read_name(table.get("name"), f"{within}name"),
        title=read_words(table, "title", within, max_chars=MAX_TITLE_CHARS, required=True),
        topic=read_words(table, "topic", within, max_chars=MAX_TOPIC_CHARS),
        rules=read_words(table, "rules", within, max_chars=MAX_RULES_CHARS, multiline=True),
        room_class=room_class,
        slow_s=read_int(table, "slow", within, default=0, least=0, most=MAX_SLOW_S),
        capacity=read_int(
            table, "capacity", within, default=MAX_ROOM_MEMBERS, least=2, most=MAX_PUBLIC_MEMBERS
        ),
        resources=_read_resources(table, within, room_class),
    )


def _read_name(value: object, key: str) -> str:
    name = read_name(value, key)
    if name in RESERVED:
        raise invalid(key, "is reserved", "choose another")
    return name


def _read_class(value: object, key: str) -> RoomClass:
    for room_class in RoomClass:
        if value == room_class.value:
            return room_class
    raise invalid(key, "is not a class of room", '"general" or "support"')


def _read_resources(table: Table, within: str, room_class: RoomClass) -> tuple[str, ...]:
    key, lines = f"{within}resources", table.get("resources", [])
    if not isinstance(lines, list) or len(lines) > MAX_RESOURCES:
        raise invalid(key, "is not a valid list", f"at most {MAX_RESOURCES} lines in brackets")
    if lines and room_class is not RoomClass.SUPPORT:
        raise invalid(key, "is not shown in a general room", 'only where class = "support"')
    return tuple(
        read_text(line, f"{key}[{n}]", max_chars=MAX_RESOURCE_CHARS)
        for n, line in enumerate(lines, start=1)
    )
