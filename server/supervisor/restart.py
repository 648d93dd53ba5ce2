"""Keeps something up: opens it, waits until it is down, opens it again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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


class Pauses:
    """How long to wait before trying again: twice as long each time, anew after a steady time."""

    def __init__(self) -> None:
        self._next_s = FIRST_PAUSE_S

    def after(self, up_s: float) -> float:
        """The next pause in seconds, for what was up for `up_s` seconds; zero is not at all."""
        if up_s > STEADY_S:
            self._next_s = FIRST_PAUSE_S
        pause_s, self._next_s = self._next_s, min(2 * self._next_s, LONGEST_PAUSE_S)
        return pause_s


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
async def kept_up(
    upkeep: Upkeep[T],
    report: Report,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[Kept[T]]:
    """Keep it up while the block runs; it is up when the block begins.

    Args:
        upkeep: what, and how.
        report: is told when it went down and when it is up again.
        clock: monotonic seconds.
        pause: waits for so many seconds.

    Raises:
        OnionError, OperatorError: if it does not come up the first time. Later failures are
            told and tried again, with a growing pause.
    """
    kept: Kept[T] = Kept()
    try:
        # What is not foreseen, and ends the keeping, ends the block too: nothing stays down unseen.
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(_keep(upkeep, kept, report, clock, pause))
            await kept.wait_up()
            yield kept
            keeping.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _keep(
    upkeep: Upkeep[T],
    kept: Kept[T],
    report: Report,
    clock: Callable[[], float],
    pause: Callable[[float], Awaitable[object]],
) -> NoReturn:
    was_up, pauses = False, Pauses()
    while True:
        up_since_s = None
        try:
            async with upkeep.make() as it:
                up_since_s = clock()
                kept._set(it)
                if was_up:
                    report.note(f"{upkeep.name} is up again")
                was_up = True
                try:
                    await upkeep.until_down(it)
                finally:
                    kept._set(None)
            report.note(f"{upkeep.name} ended by itself; it is started again")
        except (OnionError, OperatorError, OSError) as error:
            if not was_up:
                raise
            report.note(f"{upkeep.name}: {error}; it is tried again")
        await pause(pauses.after(0.0 if up_since_s is None else clock() - up_since_s))
