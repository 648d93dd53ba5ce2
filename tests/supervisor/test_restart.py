"""What is kept up comes back whenever it ends, and is closed with the block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from onion import OnionError
from server.core.errors import OperatorError
from server.supervisor.restart import (
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    STEADY_S,
    Kept,
    Pauses,
    Upkeep,
    kept_up,
)
from tests.fakes import FakeClock

from .fakes import BOUND_S, HeardReport


class Thing:
    """Is up until told to fall."""

    def __init__(self) -> None:
        self.fallen = asyncio.Event()
        self.is_closed = False


class Works:
    """Makes things; each attempt for which there is a failure fails with it."""

    def __init__(self, *failures: Exception | None) -> None:
        self._failures = list(failures)
        self.made: list[Thing] = []
        self.pauses: list[float] = []
        self.clock = FakeClock()

    @asynccontextmanager
    async def make(self) -> AsyncIterator[Thing]:
        """One attempt."""
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        thing = Thing()
        self.made.append(thing)
        try:
            yield thing
        finally:
            thing.is_closed = True

    async def pause(self, seconds: float) -> None:
        """Remember the wait and let it pass at once."""
        self.pauses.append(seconds)

    def keep(self, report: HeardReport) -> AbstractAsyncContextManager[Kept[Thing]]:
        """Keep its things up."""
        upkeep = Upkeep("the lamp", self.make, lambda thing: thing.fallen.wait())
        return kept_up(upkeep, report, clock=self.clock, pause=self.pause)


async def test_thing_is_up_when_the_block_begins_and_closed_when_it_ends() -> None:
    works, report = Works(), HeardReport()
    async with works.keep(report) as kept:
        (thing,) = works.made
        assert kept.current is thing
        assert not thing.is_closed
    assert thing.is_closed
    assert (kept.current, report.notes, works.pauses) == (None, [], [])


async def test_thing_that_falls_is_told_closed_and_brought_up_again() -> None:
    works, report = Works(), HeardReport()
    async with works.keep(report) as kept:
        works.made[0].fallen.set()
        notes = await report.wait_for_notes(2)
        assert notes == [
            "the lamp ended by itself; it is started again",
            "the lamp is up again",
        ]
        assert works.made[0].is_closed
        assert kept.current is works.made[1]
        await kept.wait_up()
    assert works.made[1].is_closed


@pytest.mark.parametrize("failure", [OnionError("no oil"), OperatorError("no oil", "buy some")])
async def test_failing_the_first_time_is_raised_as_it_is(failure: Exception) -> None:
    works, report = Works(failure), HeardReport()
    with pytest.raises(type(failure)) as raised:
        async with works.keep(report):
            raise AssertionError("the block was begun")
    assert raised.value is failure
    assert report.notes == []


async def test_failing_later_is_told_and_tried_again_with_a_growing_pause() -> None:
    oil, wick, fork = OnionError("no oil"), OperatorError("no wick"), OSError("no process")
    works, report = Works(None, oil, wick, fork), HeardReport()
    async with works.keep(report) as kept:
        works.made[0].fallen.set()
        assert await report.wait_for_notes(5) == [
            "the lamp ended by itself; it is started again",
            "the lamp: no oil; it is tried again",
            "the lamp: no wick; it is tried again",
            "the lamp: no process; it is tried again",
            "the lamp is up again",
        ]
        assert kept.current is works.made[1]
    assert works.pauses == [FIRST_PAUSE_S * factor for factor in (1, 2, 4, 8)]


async def test_pause_begins_anew_only_after_a_steady_time_up() -> None:
    works, report = Works(), HeardReport()
    async with works.keep(report):
        for round_number in range(3):
            works.made[round_number].fallen.set()
            await report.wait_for_notes(2 * round_number + 2)
        works.clock.advance(STEADY_S + 1)
        works.made[3].fallen.set()
        await report.wait_for_notes(8)
    assert works.pauses == [FIRST_PAUSE_S * factor for factor in (1, 2, 4, 1)]


def test_pause_has_a_longest() -> None:
    pauses = Pauses()
    assert max(pauses.after(0.0) for _ in range(20)) == LONGEST_PAUSE_S


async def test_nothing_is_current_between_two() -> None:
    reached = asyncio.Event()

    async def wait_for_ever(_seconds: float) -> None:
        reached.set()
        await asyncio.Event().wait()

    works, report = Works(), HeardReport()
    upkeep = Upkeep("the lamp", works.make, lambda thing: thing.fallen.wait())
    async with kept_up(upkeep, report, clock=works.clock, pause=wait_for_ever) as kept:
        works.made[0].fallen.set()
        async with asyncio.timeout(BOUND_S):
            await reached.wait()
        assert kept.current is None
    assert len(works.made) == 1


async def test_cancelling_the_block_closes_the_thing() -> None:
    works, report, begun = Works(), HeardReport(), asyncio.Event()

    async def live() -> None:
        async with works.keep(report):
            begun.set()
            await asyncio.Event().wait()

    living = asyncio.ensure_future(live())
    async with asyncio.timeout(BOUND_S):
        await begun.wait()
    living.cancel()
    with pytest.raises(asyncio.CancelledError):
        await living
    assert works.made[0].is_closed
    assert report.notes == []


async def test_cancelling_while_it_comes_up_closes_what_there_is() -> None:
    closed = asyncio.Event()
    begun = asyncio.Event()

    @asynccontextmanager
    async def make() -> AsyncIterator[None]:
        begun.set()
        try:
            await asyncio.Event().wait()
            yield
        finally:
            closed.set()

    def until_down(_it: None) -> Awaitable[object]:
        return asyncio.Event().wait()

    async def live() -> None:
        async with kept_up(Upkeep("the lamp", make, until_down), HeardReport()):
            raise AssertionError("the block was begun")

    living = asyncio.ensure_future(live())
    async with asyncio.timeout(BOUND_S):
        await begun.wait()
    living.cancel()
    with pytest.raises(asyncio.CancelledError):
        await living
    assert closed.is_set()


async def test_error_of_the_block_comes_out_as_it_is() -> None:
    works, error = Works(), KeyError("of the block")
    with pytest.raises(KeyError) as raised:
        async with works.keep(HeardReport()):
            raise error
    assert raised.value is error
    assert works.made[0].is_closed


async def test_error_that_nobody_foresaw_ends_the_block_and_is_not_hidden() -> None:
    works = Works(None, ZeroDivisionError("a bug"))

    async def live() -> None:
        async with works.keep(HeardReport()):
            works.made[0].fallen.set()
            async with asyncio.timeout(BOUND_S):
                await asyncio.Event().wait()

    with pytest.raises(ZeroDivisionError):
        await live()


async def test_two_that_are_kept_side_by_side_fall_and_rise_alone() -> None:
    lamp, stove, report = Works(), Works(), HeardReport()
    async with lamp.keep(report), stove.keep(report):
        lamp.made[0].fallen.set()
        await report.wait_for_notes(2)
        assert (len(lamp.made), len(stove.made)) == (2, 1)
        assert not stove.made[0].is_closed
    assert all(thing.is_closed for thing in [*lamp.made, *stove.made])
