"""Contains unexpected exceptions: each is counted by its type, and nothing else of it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import TracebackType


class ErrorCounter:
    """A reusable context manager that counts what its blocks raise, and continues after the block.

    An exception's text and traceback may hold what a visitor typed. `CancelledError` and other
    exceptions that are not an `Exception` propagate.

    Args:
        failures: counts, by the name of the type.
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
        """End a block; return whether the exception was contained."""
        if exc_type is None or not issubclass(exc_type, Exception):
            return False
        self._failures[exc_type.__name__] += 1
        if self._then is not None:
            self._then()
        return True
