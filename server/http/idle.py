"""Measures how long an event loop has waited for something to do.

Whether a loop is full cannot be seen from its processor time: on a machine that others use as well,
a full loop gets any part of a core. A full loop never waits: it only looks whether there is more.
"""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Any, Self, cast


class IdleClock:
    """The time in which a loop has waited, while the block runs.

    Args:
        loop: asyncio's own, which waits in the method `select` of its selector.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._selector = cast(Any, loop)._selector
        self._select = self._selector.select
        self.waited_s = 0.0

    def __enter__(self) -> Self:
        self._selector.select = self._timed_select
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        del self._selector.select

    def _timed_select(self, timeout_s: float | None = None) -> list[Any]:
        # A full loop can be interrupted in here, too; it has not waited if there is more already.
        ready: list[Any] = self._select(0)
        if ready or (timeout_s is not None and timeout_s <= 0):
            return ready
        began_s = time.monotonic()
        ready = self._select(timeout_s)
        self.waited_s += time.monotonic() - began_s
        return ready
