"""Measures the processor time of tasks, and charges it to the circuit of their connection.

All requests share one thread and take turns at each `await`. What one of them takes is the sum of
its turns, so each turn of its tasks is timed; what runs in between belongs to others. A turn also
holds what a request causes at once, such as writing a message to all readers of a room.
"""

from __future__ import annotations

import time
from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import Any, Protocol


class Payer(Protocol):
    """Who pays for a connection."""

    def charge(self, spent_ns: int) -> None:
        """Pay for processor time, in nanoseconds."""


class Meter:
    """The processor time of one connection. What was spent before its payer is known is kept."""

    __slots__ = ("_payer", "_spent_ns")

    def __init__(self) -> None:
        self._payer: Payer | None = None
        self._spent_ns = 0

    def paid_by(self, payer: Payer | None) -> None:
        """Charge what was spent so far, and everything from now on, to `payer`."""
        self._payer = payer
        if payer is not None:
            payer.charge(self._spent_ns)
            self._spent_ns = 0

    def add(self, spent_ns: int) -> None:
        """Add one turn."""
        if self._payer is None:
            self._spent_ns += spent_ns
        else:
            self._payer.charge(spent_ns)

    def metered(self, coroutine: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        """Return `coroutine` so that each of its turns is charged; for a task."""
        return _Metered(coroutine, self)


class _Metered(Coroutine[Any, Any, Any]):
    """A coroutine whose turns are timed.

    Source: PEP 492; a task takes anything with the methods of `collections.abc.Coroutine`.
    """

    __slots__ = ("_coroutine", "_meter")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], meter: Meter) -> None:
        self._coroutine = coroutine
        self._meter = meter

    def send(self, value: Any) -> Any:  # noqa: ANN401 (as Python has it)
        began_ns = time.thread_time_ns()
        try:
            return self._coroutine.send(value)
        finally:
            self._meter.add(time.thread_time_ns() - began_ns)

    def throw(
        self,
        kind: Any,  # noqa: ANN401
        error: Any = None,  # noqa: ANN401
        traceback: TracebackType | None = None,
    ) -> Any:  # noqa: ANN401
        began_ns = time.thread_time_ns()
        try:
            # An exception has its type and traceback with it; Python's form of three is old.
            return self._coroutine.throw(kind if error is None else error)
        finally:
            # Break the reference cycle: the exception holds this frame.
            kind = error = None
            self._meter.add(time.thread_time_ns() - began_ns)

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._coroutine.__await__()
