"""Everything that a store holds, written down, so that two moments can be compared."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Set
from enum import Enum

from server.store.contract.chat import Store

PLAIN = (str, bytes, int, float, bool, type(None), Enum)
COST = "traffic_bytes"
"""What a request costs its session: the one thing that every request of it changes."""


def picture_of(store: Store) -> list[str]:
    """Whatever hangs on a store, a line each, by the way that leads there.

    Signs of life are moments: they are alike as long as the test's clock stands still.
    """
    return list(_Camera().walk("store", store))


class _Camera:
    def __init__(self) -> None:
        self._seen: dict[int, str] = {}

    def walk(self, way: str, found: object) -> Iterator[str]:
        """Each thing once; what was seen already is named by the way that led there first."""
        if isinstance(found, PLAIN):
            yield f"{way} = {found!r}"
        elif callable(found):
            yield f"{way} is called"
        elif id(found) in self._seen:
            yield f"{way} is {self._seen[id(found)]}"
        else:
            self._seen[id(found)] = way
            parts = list(_parts(found))
            yield f"{way}: {type(found).__name__} of {len(parts)}"
            for name, part in parts:
                yield from self.walk(f"{way}{name}", part)


def _parts(found: object) -> Iterator[tuple[str, object]]:
    """What a thing holds: items, keys and values, attributes."""
    if isinstance(found, Mapping):
        for number, (key, value) in enumerate(found.items()):
            yield f"<{number}>", key
            yield f"[{number}]", value
    elif isinstance(found, Set | list | tuple | deque):
        for number, item in enumerate(found):
            yield f"[{number}]", item
    for name in _names(found):
        if name != COST and hasattr(found, name):
            yield f".{name}", getattr(found, name)


def _names(found: object) -> list[str]:
    slots = [
        name
        for kind in type(found).__mro__
        for name in _slots_of(kind)
        if name not in {"__dict__", "__weakref__"}
    ]
    return [*slots, *vars(found)] if hasattr(found, "__dict__") else slots


def _slots_of(kind: type) -> tuple[str, ...]:
    slots = kind.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)
