"""A store that refuses, breaks, or notes what it is asked: for what every route answers then."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from server.core.errors import CooldownError, RateLimitedError, VisitorError
from server.store.contract.chat import Store

EVERY_REQUEST = frozenset({"settings", "touch", "add_traffic"})
"""What is asked for every request of somebody with a session."""


class _Watched:
    """Calls back with the name of whatever is asked, before the store is asked it."""

    def __init__(self, store: Store, on_ask: Callable[[str], None]) -> None:
        self._store = store
        self._on_ask = on_ask

    def __getattr__(self, name: str) -> object:
        def ask(*args: object, **more: object) -> object:
            self._on_ask(name)
            return getattr(self._store, name)(*args, **more)

        return ask


def refusing(store: Store, kind: type[VisitorError]) -> Store:
    """The store, but for this refusal to whatever a view asks."""

    def refuse(name: str) -> None:
        if name not in EVERY_REQUEST:
            raise kind(3) if issubclass(kind, RateLimitedError | CooldownError) else kind()

    return cast(Store, _Watched(store, refuse))


def broken(store: Store, text: str, only: str = "") -> Store:
    """The store, but for a bug in whatever is asked, or in one thing alone.

    Args:
        store: the one that works.
        text: what stands in the exception.
        only: where the bug is; everywhere, if it is not named.
    """

    def fail(name: str) -> None:
        if only in {"", name}:
            raise RuntimeError(text)

    return cast(Store, _Watched(store, fail))


def noting(store: Store, asked: list[str]) -> Store:
    """The store, which notes the name of all that it is asked."""
    return cast(Store, _Watched(store, asked.append))
