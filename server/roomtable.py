"""Reads the public rooms from the tables of a configuration."""

from __future__ import annotations

import re

from server.core.limits import (
    MAX_PUBLIC_ROOMS,
    MAX_ROOM_MEMBERS,
    MAX_SLOW_S,
    MAX_TITLE_CHARS,
)
from server.core.publicroom import PublicRoom, RoomClass, Words
from server.tables import Table, read_table, read_text, read_whole, refuse_unknown, wrong

KEYS = frozenset({"name", "title", "topic", "rules", "class", "slow", "capacity", "resources"})
RESERVED = frozenset({"new"})
"""Names that stand for something else behind `/rooms/`."""

MAX_TOPIC_CHARS = 300
MAX_RULES_CHARS = 2_000
MAX_RESOURCES = 20
MAX_RESOURCE_CHARS = 300

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def read_rooms(value: object) -> tuple[PublicRoom, ...]:
    """Read `[[rooms]]`.

    Raises:
        OperatorError: for the first thing that is wrong; the hint names its key.
    """
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise wrong("rooms", "is no list of tables", "begin each room with [[rooms]]")
    if len(value) > MAX_PUBLIC_ROOMS:
        raise wrong("rooms", "is too long", f"at most {MAX_PUBLIC_ROOMS} rooms")
    rooms = tuple(_read_room(table, f"rooms[{n}].") for n, table in enumerate(value, start=1))
    for number, room in enumerate(rooms):
        if room.name in {other.name for other in rooms[:number]}:
            raise wrong(f"rooms[{number + 1}].name", "is there twice", "each room its own name")
    return rooms


def _read_room(table: Table, within: str) -> PublicRoom:
    refuse_unknown(table, KEYS, within)
    room_class = _read_class(table.get("class", RoomClass.GENERAL.value), f"{within}class")
    title = _read_words(table, "title", within, MAX_TITLE_CHARS)
    if not title:
        raise wrong(f"{within}title", "is missing", 'title.en = "words"')
    return PublicRoom(
        name=_read_name(table.get("name"), f"{within}name"),
        title=title,
        topic=_read_words(table, "topic", within, MAX_TOPIC_CHARS),
        rules=_read_words(table, "rules", within, MAX_RULES_CHARS, lines=True),
        room_class=room_class,
        slow_s=read_whole(table, "slow", within, default=0, least=0, most=MAX_SLOW_S),
        capacity=read_whole(
            table, "capacity", within, default=MAX_ROOM_MEMBERS, least=2, most=MAX_ROOM_MEMBERS
        ),
        resources=_read_resources(table, within, room_class),
    )


def _read_name(value: object, key: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > MAX_TITLE_CHARS:
        raise wrong(key, "is no name for a URL", "a to z, digits and single hyphens between them")
    if value in RESERVED:
        raise wrong(key, "is taken by the house", "choose another")
    return value


def _read_class(value: object, key: str) -> RoomClass:
    for room_class in RoomClass:
        if value == room_class.value:
            return room_class
    raise wrong(key, "is no class of room", '"general" or "support"')


def _read_words(
    table: Table, key: str, within: str, most_chars: int, *, lines: bool = False
) -> Words:
    words = read_table(table.get(key), f"{within}{key}")
    for code in words:
        if not _LANGUAGE.fullmatch(code):
            raise wrong(f"{within}{key}.{code}", "names no language", "a code such as en or fa")
    return {
        code: read_text(text, f"{within}{key}.{code}", most_chars=most_chars, lines=lines)
        for code, text in words.items()
    }


def _read_resources(table: Table, within: str, room_class: RoomClass) -> tuple[str, ...]:
    key, lines = f"{within}resources", table.get("resources", [])
    if not isinstance(lines, list) or len(lines) > MAX_RESOURCES:
        raise wrong(key, "is no fitting list", f"at most {MAX_RESOURCES} lines in brackets")
    if lines and room_class is not RoomClass.SUPPORT:
        raise wrong(key, "is not shown in a general room", 'only where class = "support"')
    return tuple(
        read_text(line, f"{key}[{n}]", most_chars=MAX_RESOURCE_CHARS)
        for n, line in enumerate(lines, start=1)
    )
