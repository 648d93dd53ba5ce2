"""Stores that refuse, break or record the calls of a view, for tests of every route's answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from server.core.errors import CooldownError, RateLimitedError, VisitorError
from server.store.contract.chat import Store

EVERY_REQUEST = frozenset({"visit", "admission", "add_traffic"})
"""The calls that every request of a session makes."""

OF_COOKIES = frozenset({"renew_secret", "follow_secret"})
"""The calls that a redirect makes, and a request whose cookie is unknown; no view makes them."""


OF_REFUSALS = frozenset({"keep_form", "kept_form", "is_there", "departure"})
"""The calls that answer a refusal; no view makes them for itself."""


class _Observed:
    """Reports the name of each method before the store runs it."""

    def __init__(self, store: Store, on_call: Callable[[str], None]) -> None:
        self._store = store
        self._on_call = on_call
        self.streams = store.streams

    def __getattr__(self, name: str) -> object:
        def ask(*args: object, **more: object) -> object:
            self._on_call(name)
            return getattr(self._store, name)(*args, **more)

        return ask


def refusing(store: Store, kind: type[VisitorError]) -> Store:
    """Wrap a store so that every call that a view makes raises this error."""

    def refuse(name: str) -> None:
        if name not in EVERY_REQUEST | OF_COOKIES | OF_REFUSALS:
            raise kind(3) if issubclass(kind, RateLimitedError | CooldownError) else kind()

    return cast(Store, _Observed(store, refuse))


def broken(store: Store, text: str, only: str = "") -> Store:
    """Wrap a store so that its methods, or one of them, raise `RuntimeError`.

    Args:
        store: the working store.
        text: the exception's text.
        only: the broken method; empty means all.
    """

    def fail(name: str) -> None:
        if only in {"", name}:
            raise RuntimeError(text)

    return cast(Store, _Observed(store, fail))


def recording(store: Store, calls: list[str]) -> Store:
    """Wrap a store so that it appends the name of each called method to `calls`."""
    return cast(Store, _Observed(store, calls.append))
