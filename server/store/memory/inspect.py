"""Dumps the store: all values that can be reached from it, and a description of its tables.

The demo shows it, and tests search it; no page and no command of the operator does.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType

from server.core.limits import RING_ENTRIES
from server.core.room.private import PrivateRoom
from server.core.room.room import Room
from server.stream.registry import StreamRegistry

from .tables import Tables

SHOWN_BYTES = 8
"""Of a hash, a key or a sealed message: enough to see that it reveals nothing."""


def reachable(start: object) -> list[object]:
    """Collect everything that can be reached from an object.

    Left out are classes, modules and open streams: these belong to the process, not to the store.
    """
    seen: dict[int, object] = {}
    waiting = [start]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, type | ModuleType):
            continue
        seen[id(found)] = found
        waiting.extend(_hanging_on(found))
    return list(seen.values())


def _hanging_on(found: object) -> Iterable[object]:
    if isinstance(found, StreamRegistry):
        return ()
    if isinstance(found, FunctionType):  # its globals are those of a module
        return (found.__closure__, found.__defaults__, found.__kwdefaults__)
    return gc.get_referents(found)


def values_of(start: object) -> list[bytes]:
    """Every string, as UTF-8, and every `bytes` that can be reached from an object."""
    kept = reachable(start)
    texts = [found.encode() for found in kept if isinstance(found, str)]
    return texts + [found for found in kept if isinstance(found, bytes)]


def describe_tables(tables: Tables) -> Iterator[str]:
    """Describe the tables of a store, one line for each record."""
    for session in tables._sessions.values():
        identity = session.identity
        yield f"session {_start(identity.handle)}, public key {_start(identity.public_key)}"
    for room in tables._rooms:
        yield from _describe_room(room)


def _describe_room(room: Room) -> Iterator[str]:
    kind = "pair" if room.is_pair else "private room" if isinstance(room, PrivateRoom) else "room"
    yield f"{kind}, {room.keys.epochs.box_count} boxes with keys, each sealed to a public key"
    for member in room.members:
        title = f", title {_start(member.sealed_title)}" if member.sealed_title else ""
        yield f"  {room.name(member.number)} is session {_start(member.handle)}{title}"
    for entry in room.log.read(0, limit=RING_ENTRIES).entries:
        words = f", {len(entry.sealed)} bytes {_start(entry.sealed)}" if entry.sealed else ""
        yield f"  {entry.seq}: {entry.kind.value} of member {entry.sender}{words}"


def _start(value: bytes) -> str:
    return f"{value[:SHOWN_BYTES].hex()}…"
