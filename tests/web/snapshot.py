"""A snapshot of a store's whole content as text, to compare two moments."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping, Set
from enum import Enum

from server.store.contract.chat import Store

PLAIN = (str, bytes, int, float, bool, type(None), Enum)
COST = "traffic_bytes"
"""Traffic of a session: the only value that every request of the session changes."""


def snapshot_of(store: Store) -> list[str]:
    """List every object that is reachable from a store, one line each, with its path.

    The times of the last activity are equal in two snapshots while the test's clock stands still.
    """
    return list(_Walker().walk("store", store))


def snapshot_without_kept(store: Store) -> list[str]:
    """List the same without what is kept of a form that was refused."""
    lines = snapshot_of(store)
    return [line for line in lines if not {".kept", "._kept_places"} & set(_steps(line))]


def _steps(line: str) -> list[str]:
    path = line.partition(" ")[0].partition(":")[0]
    return [f".{step.partition('[')[0].partition('<')[0]}" for step in path.split(".")]


class _Walker:
    def __init__(self) -> None:
        self._seen: dict[int, str] = {}

    def walk(self, path: str, found: object) -> Iterator[str]:
        """Yield the lines of an object and its parts; of a repeated object, only its first path."""
        if isinstance(found, PLAIN):
            yield f"{path} = {found!r}"
        elif callable(found):
            yield f"{path} is called"
        elif id(found) in self._seen:
            yield f"{path} is {self._seen[id(found)]}"
        else:
            self._seen[id(found)] = path
            parts = list(_parts(found))
            yield f"{path}: {type(found).__name__} of {len(parts)}"
            for name, part in parts:
                yield from self.walk(f"{path}{name}", part)


def _parts(found: object) -> Iterator[tuple[str, object]]:
    """Yield the parts of an object: items, keys and values, attributes."""
    if isinstance(found, Mapping):
        for number, (key, value) in enumerate(_items(found)):
            yield f"<{number}>", key
            yield f"[{number}]", value
    elif isinstance(found, Set | list | tuple | deque):
        for number, item in enumerate(found):
            yield f"[{number}]", item
    for name in _names(found):
        if name != COST and hasattr(found, name):
            yield f".{name}", getattr(found, name)


def _items(found: Mapping[object, object]) -> Iterable[tuple[object, object]]:
    """Keys and values; without the order of last use, which every request changes."""
    return sorted(found.items(), key=repr) if isinstance(found, OrderedDict) else found.items()


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
