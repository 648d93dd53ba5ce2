"""Keeps something up: opens it, waits until it is down, opens it again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

from onion import OnionError
from server.core.errors import OperatorError

from .report import Report

T = TypeVar("T")

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
"""Who was up for so long is not failing over and over: the pause begins anew."""


@dataclass(frozen=True, slots=True)
class Upkeep(Generic[T]):
    """What is to be kept up, and how."""

    name: str
    """What it is, as an operator calls it."""

    make: Callable[[], AbstractAsyncContextManager[T]]
    """A fresh one; entering its context brings it up."""

    until_down: Callable[[T], Awaitable[object]]
    """Returns when it has ended by itself."""


class Kept(Generic[T]):
    """Something that is up, or about to be up again."""

    def __init__(self) -> None:
        self._current: T | None = None
        self._up = asyncio.Event()

    @property
    def current(self) -> T | None:
        """The one that is up now; `None` between two."""
        return self._current

    async def wait_up(self) -> None:
        """Wait until it is up."""
        await self._up.wait()

    def _set(self, current: T | None) -> None:
        self._current = current
        if current is None:
            self._up.clear()
        else:
            self._up.set()


@asynccontextmanager
async def kept_up(upkeep: Upkeep[T], report: Report) -> AsyncIterator[Kept[T]]:
    """Keep it up while the block runs; it is up when the block begins.

    Args:
        upkeep: what, and how.
        report: is told when it went down and when it is up again.

    Raises:
        OnionError, OperatorError: if it does not come up the first time. Later failures are
            told and tried again, with a growing pause.
    """
    kept: Kept[T] = Kept()
    keeping = asyncio.create_task(_keep(upkeep, kept, report))
    first = asyncio.create_task(kept.wait_up())
    try:
        await asyncio.wait({keeping, first}, return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            await keeping
        yield kept
    finally:
        for task in (first, keeping):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await first
        if not (keeping.done() and not keeping.cancelled() and keeping.exception()):
            with suppress(asyncio.CancelledError):
                await keeping


async def _keep(upkeep: Upkeep[T], kept: Kept[T], report: Report) -> NoReturn:
    was_up, pause_s = False, FIRST_PAUSE_S
    while True:
        began_s = time.monotonic()
        try:
            async with upkeep.make() as it:
                kept._set(it)
                if was_up:
                    report.note(f"{upkeep.name} is up again")
                was_up = True
                await upkeep.until_down(it)
                kept._set(None)
            report.note(f"{upkeep.name} ended by itself; it is started again")
        except (OnionError, OperatorError) as error:
            if not was_up:
                raise
            report.note(f"{upkeep.name}: {error}; it is tried again")
        if time.monotonic() - began_s > STEADY_S:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
