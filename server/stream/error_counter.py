"""Lets nothing unexpected go further: it is counted by its type, and nothing of it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import TracebackType


class ErrorCounter:
    """Swallows what is raised inside of its blocks, and counts it; serves again and again.

    An exception's text and traceback may hold what somebody said. Being told to end is none, and
    passes.

    Args:
        failures: how many there were, by the name of their type.
        then: called after each of them.
    """

    __slots__ = ("_failures", "_then")

    def __init__(self, failures: Counter[str], then: Callable[[], object] | None = None) -> None:
        self._failures = failures
        self._then = then

    def __enter__(self) -> None:
        """Begin a block."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> bool:
        """End a block; whether what was raised in it goes no further."""
        if exc_type is None or not issubclass(exc_type, Exception):
            return False
        self._failures[exc_type.__name__] += 1
        if self._then is not None:
            self._then()
        return True
