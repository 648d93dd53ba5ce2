"""Supervises a component: starts it, waits until it ends or is of no use, and starts it again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

from onion import OnionError
from server.core.errors import OperatorError

from .report import Report

T = TypeVar("T")

FIRST_DELAY_S = 0.2
MAX_DELAY_S = 30.0
STABLE_S = 10.0
"""A component that ran this long is not failing over and over: the delay starts small again. It
counts from the moment at which it had come up, for tor with a confirmed upload."""

ENDED = "ended unexpectedly"
END_S = 1.0
"""Limit between a failure that the end of a component causes and the notice of its end."""


@dataclass(frozen=True, slots=True)
class ChildSpec(Generic[T]):
    """What to keep running, and how."""

    name: str
    """What the operator reads in messages."""

    make: Callable[[], AbstractAsyncContextManager[T]]
    """Return a new instance; entering its context starts it."""

    until_down: Callable[[T], Awaitable[object]]
    """Return when the component has ended by itself."""

    watches: Sequence[Callable[[T], Awaitable[str]]] = ()
    """Each returns when the component is of no use although it has not ended, and says why as the
    rest of a sentence. It is then replaced."""


class Backoff:
    """Exponential backoff: the delay doubles with each failure and resets after a long run."""

    def __init__(self) -> None:
        self._next_s = FIRST_DELAY_S

    def next_delay_s(self, up_s: float) -> float:
        """Return the next delay in seconds.

        Args:
            up_s: how long the component ran, in seconds; zero if it did not start.
        """
        if up_s > STABLE_S:
            self._next_s = FIRST_DELAY_S
        delay_s, self._next_s = self._next_s, min(2 * self._next_s, MAX_DELAY_S)
        return delay_s


class Supervised(Generic[T]):
    """A component that is running, or about to run again."""

    def __init__(self) -> None:
        self._current: T | None = None
        self._up = asyncio.Event()
        self.restarts = -1
        """How often it was started again; -1 before the first start."""

    @property
    def current(self) -> T | None:
        """The running instance; `None` between two."""
        return self._current

    async def wait_up(self) -> None:
        """Wait until the component runs."""
        await self._up.wait()

    def _set(self, current: T | None) -> None:
        self._current = current
        if current is None:
            self._up.clear()
        else:
            self.restarts += 1
            self._up.set()


@asynccontextmanager
async def keep_running(
    spec: ChildSpec[T],
    report: Report,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[Supervised[T]]:
    """Keep a component running while the block runs. It is running when the block begins.

    Args:
        spec: what to run, and how.
        report: receives a note when the component ends, and when it runs again.
        clock: monotonic seconds.
        pause: waits for the given number of seconds.

    Raises:
        OnionError, OperatorError: if the first start fails. Later failures are reported and
            retried with a growing delay.
    """
    supervised: Supervised[T] = Supervised()
    try:
        # An unexpected error that ends the supervision ends the block too, so that no component
        # stays down unnoticed.
        async with asyncio.TaskGroup() as tasks:
            supervision = tasks.create_task(_supervise(spec, supervised, report, clock, pause))
            await supervised.wait_up()
            yield supervised
            supervision.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _supervise(
    spec: ChildSpec[T],
    supervised: Supervised[T],
    report: Report,
    clock: Callable[[], float],
    pause: Callable[[float], Awaitable[object]],
) -> NoReturn:
    was_up, backoff, told = False, Backoff(), ""
    while True:
        up_since_s = None
        try:
            async with spec.make() as instance:
                up_since_s = clock()
                supervised._set(instance)
                if was_up:
                    report.note(f"{spec.name} is running again")
                was_up, told = True, ""
                try:
                    reason = await _until_useless(spec, instance)
                finally:
                    supervised._set(None)
                # Told before it is stopped: what does not answer takes seconds to stop.
                report.note(f"{spec.name} {reason} and is being restarted")
        except (OnionError, OperatorError, OSError) as error:
            if not was_up:
                raise
            # Once: an outage of a night would fill the screen with the same sentence.
            if str(error) != told:
                report.note(f"{spec.name}: {error}; trying again")
            told = str(error)
        await pause(backoff.next_delay_s(0.0 if up_since_s is None else clock() - up_since_s))


async def _until_useless(spec: ChildSpec[T], instance: T) -> str:
    """Wait until a component has ended or a watch gives it up; return why."""
    ended = asyncio.ensure_future(spec.until_down(instance))
    watches = [asyncio.ensure_future(watch(instance)) for watch in spec.watches]
    try:
        await asyncio.wait([ended, *watches], return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            # A watch that fails has met the end of the component, which is noticed right after it.
            failed = [watch for watch in watches if watch.done() and _has_failed(watch)]
            if failed:
                await asyncio.wait([ended], timeout=END_S)
        if ended.done():
            ended.result()
            return ENDED
        return next(_reason_of(watch) for watch in watches if watch.done())
    finally:
        for task in (ended, *watches):
            task.cancel()
        await asyncio.gather(ended, *watches, return_exceptions=True)


def _has_failed(watch: asyncio.Future[str]) -> bool:
    return watch.cancelled() or watch.exception() is not None


def _reason_of(watch: asyncio.Future[str]) -> str:
    if watch.cancelled():
        # By itself: were we cancelled, nobody would ask. It must not end the supervision unseen.
        return "could not be watched"
    try:
        return watch.result()
    except (OnionError, OperatorError, OSError) as error:
        return f"failed ({error})"
