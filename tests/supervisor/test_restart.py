"""A supervised component restarts whenever it ends, and is closed at the end of the block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from onion import OnionError
from server.core.errors import OperatorError
from server.supervisor.restart import (
    FIRST_DELAY_S,
    MAX_DELAY_S,
    STABLE_S,
    Backoff,
    ChildSpec,
    Supervised,
    keep_running,
)
from tests.fakes import FakeClock

from .fakes import BOUND_S, FakeReport


class Component:
    """Runs until its `ended` event is set."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.is_closed = False


class Factory:
    """Makes components. Each attempt for which there is a failure raises it."""

    def __init__(self, *failures: Exception | None) -> None:
        self._failures = list(failures)
        self.made: list[Component] = []
        self.delays: list[float] = []
        self.clock = FakeClock()

    @asynccontextmanager
    async def make(self) -> AsyncIterator[Component]:
        """Make one component, or fail."""
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        component = Component()
        self.made.append(component)
        try:
            yield component
        finally:
            component.is_closed = True

    async def pause(self, seconds: float) -> None:
        """Record the delay, without waiting."""
        self.delays.append(seconds)

    def supervise(self, report: FakeReport) -> AbstractAsyncContextManager[Supervised[Component]]:
        """Keep one component running."""
        spec = ChildSpec("the lamp", self.make, lambda component: component.ended.wait())
        return keep_running(spec, report, clock=self.clock, pause=self.pause)


async def test_component_runs_during_the_block_and_is_closed_after() -> None:
    factory, report = Factory(), FakeReport()
    async with factory.supervise(report) as supervised:
        (component,) = factory.made
        assert supervised.current is component
        assert not component.is_closed
    assert component.is_closed
    assert (supervised.current, report.notes, factory.delays) == (None, [], [])


async def test_component_that_ends_is_reported_closed_and_restarted() -> None:
    factory, report = Factory(), FakeReport()
    async with factory.supervise(report) as supervised:
        factory.made[0].ended.set()
        notes = await report.wait_for_notes(2)
        assert notes == [
            "the lamp ended unexpectedly and is being restarted",
            "the lamp is running again",
        ]
        assert factory.made[0].is_closed
        assert supervised.current is factory.made[1]
        await supervised.wait_up()
    assert factory.made[1].is_closed


async def test_component_that_a_watch_gives_up_is_replaced() -> None:
    factory, report, useless = Factory(), FakeReport(), asyncio.Event()

    async def watch(component: Component) -> str:
        await useless.wait()
        useless.clear()
        assert not component.is_closed
        return "gives no light"

    spec = ChildSpec("the lamp", factory.make, lambda lamp: lamp.ended.wait(), [watch])
    async with keep_running(spec, report, clock=factory.clock, pause=factory.pause) as supervised:
        useless.set()
        assert await report.wait_for_notes(2) == [
            "the lamp gives no light and is being restarted",
            "the lamp is running again",
        ]
        assert factory.made[0].is_closed
        assert supervised.current is factory.made[1]
        assert supervised.restarts == 1
        factory.made[1].ended.set()
        await report.wait_for_notes(4)
    assert (len(factory.made), supervised.restarts) == (3, 2)


async def test_watch_that_is_cancelled_by_itself_gives_the_component_up() -> None:
    factory, report = Factory(), FakeReport()

    async def watch(component: Component) -> str:
        if component is factory.made[0]:
            raise asyncio.CancelledError
        return await asyncio.Future()

    spec = ChildSpec("the lamp", factory.make, lambda lamp: lamp.ended.wait(), [watch])
    async with keep_running(spec, report, clock=factory.clock, pause=factory.pause):
        assert await report.wait_for_notes(2) == [
            "the lamp could not be watched and is being restarted",
            "the lamp is running again",
        ]


@pytest.mark.parametrize("error", [OnionError("no answer"), OSError("no process")])
async def test_watch_that_fails_gives_the_component_up(error: Exception) -> None:
    factory, report = Factory(), FakeReport()

    async def watch(component: Component) -> str:
        if component is factory.made[0]:
            raise error
        await asyncio.Event().wait()
        return ""

    def until_down(component: Component) -> Awaitable[object]:
        return component.ended.wait()

    spec = ChildSpec("the lamp", factory.make, until_down, [watch])
    async with keep_running(spec, report, clock=factory.clock, pause=factory.pause):
        notes = await report.wait_for_notes(2)
        assert notes[0] == f"the lamp failed ({error}) and is being restarted"


async def test_same_failure_is_told_once_until_the_component_runs() -> None:
    oil, wick = OnionError("no oil"), OnionError("no wick")
    factory, report = Factory(None, oil, oil, oil, wick), FakeReport()
    async with factory.supervise(report):
        factory.made[0].ended.set()
        assert (await report.wait_for_notes(4))[1:] == [
            "the lamp: no oil; trying again",
            "the lamp: no wick; trying again",
            "the lamp is running again",
        ]
    assert len(factory.delays) == 5


@pytest.mark.parametrize("failure", [OnionError("no oil"), OperatorError("no oil", "buy some")])
async def test_first_failure_is_raised_unchanged(failure: Exception) -> None:
    factory, report = Factory(failure), FakeReport()
    with pytest.raises(type(failure)) as raised:
        async with factory.supervise(report):
            raise AssertionError("the block was entered")
    assert raised.value is failure
    assert report.notes == []


async def test_later_failure_is_reported_and_retried_with_backoff() -> None:
    oil, wick, fork = OnionError("no oil"), OperatorError("no wick"), OSError("no process")
    factory, report = Factory(None, oil, wick, fork), FakeReport()
    async with factory.supervise(report) as supervised:
        factory.made[0].ended.set()
        assert await report.wait_for_notes(5) == [
            "the lamp ended unexpectedly and is being restarted",
            "the lamp: no oil; trying again",
            "the lamp: no wick; trying again",
            "the lamp: no process; trying again",
            "the lamp is running again",
        ]
        assert supervised.current is factory.made[1]
    assert factory.delays == [FIRST_DELAY_S * factor for factor in (1, 2, 4, 8)]


async def test_backoff_resets_only_after_a_long_run() -> None:
    factory, report = Factory(), FakeReport()
    async with factory.supervise(report):
        for round_number in range(3):
            factory.made[round_number].ended.set()
            await report.wait_for_notes(2 * round_number + 2)
        factory.clock.advance(STABLE_S + 1)
        factory.made[3].ended.set()
        await report.wait_for_notes(8)
    assert factory.delays == [FIRST_DELAY_S * factor for factor in (1, 2, 4, 1)]


def test_backoff_has_a_maximum() -> None:
    backoff = Backoff()
    assert max(backoff.next_delay_s(0.0) for _ in range(20)) == MAX_DELAY_S


async def test_nothing_is_current_between_two_runs() -> None:
    reached = asyncio.Event()

    async def wait_for_ever(_seconds: float) -> None:
        reached.set()
        await asyncio.Event().wait()

    factory, report = Factory(), FakeReport()
    spec = ChildSpec("the lamp", factory.make, lambda component: component.ended.wait())
    async with keep_running(spec, report, clock=factory.clock, pause=wait_for_ever) as supervised:
        factory.made[0].ended.set()
        async with asyncio.timeout(BOUND_S):
            await reached.wait()
        assert supervised.current is None
    assert len(factory.made) == 1


async def test_cancelling_the_block_closes_the_component() -> None:
    factory, report, started = Factory(), FakeReport(), asyncio.Event()

    async def run() -> None:
        async with factory.supervise(report):
            started.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(run())
    async with asyncio.timeout(BOUND_S):
        await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert factory.made[0].is_closed
    assert report.notes == []


async def test_cancelling_during_the_start_closes_the_component() -> None:
    closed = asyncio.Event()
    started = asyncio.Event()

    @asynccontextmanager
    async def make() -> AsyncIterator[None]:
        started.set()
        try:
            await asyncio.Event().wait()
            yield
        finally:
            closed.set()

    def until_down(_component: None) -> Awaitable[object]:
        return asyncio.Event().wait()

    async def run() -> None:
        async with keep_running(ChildSpec("the lamp", make, until_down), FakeReport()):
            raise AssertionError("the block was entered")

    task = asyncio.ensure_future(run())
    async with asyncio.timeout(BOUND_S):
        await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed.is_set()


async def test_error_of_the_block_is_raised_unchanged() -> None:
    factory, error = Factory(), KeyError("of the block")
    with pytest.raises(KeyError) as raised:
        async with factory.supervise(FakeReport()):
            raise error
    assert raised.value is error
    assert factory.made[0].is_closed


async def test_unexpected_error_ends_the_block() -> None:
    factory = Factory(None, ZeroDivisionError("a bug"))

    async def run() -> None:
        async with factory.supervise(FakeReport()):
            factory.made[0].ended.set()
            async with asyncio.timeout(BOUND_S):
                await asyncio.Event().wait()

    with pytest.raises(ZeroDivisionError):
        await run()


async def test_two_supervised_components_restart_independently() -> None:
    lamp, stove, report = Factory(), Factory(), FakeReport()
    async with lamp.supervise(report), stove.supervise(report):
        lamp.made[0].ended.set()
        await report.wait_for_notes(2)
        assert (len(lamp.made), len(stove.made)) == (2, 1)
        assert not stove.made[0].is_closed
    assert all(component.is_closed for component in [*lamp.made, *stove.made])
