"""The turns of a task are timed, and the task behaves as it would without that."""

from __future__ import annotations

import asyncio
import time

import pytest

from server.http.metered import Meter

WORK_NS = 2_000_000


class Purse:
    """A `Payer` that adds up."""

    def __init__(self) -> None:
        self.turns: list[int] = []

    def charge(self, spent_ns: int) -> None:
        """See `Payer`."""
        self.turns.append(spent_ns)


def work() -> None:
    """Take some processor time."""
    until_ns = time.thread_time_ns() + WORK_NS
    while time.thread_time_ns() < until_ns:
        pass


async def work_and_wait(times: int) -> str:
    for _ in range(times):
        work()
        await asyncio.sleep(0)
    return "done"


async def run(meter: Meter, times: int) -> str:
    return str(await asyncio.create_task(meter.metered(work_and_wait(times))))


async def test_interleaved_tasks_are_each_charged_for_their_own_turns() -> None:
    little, much = Purse(), Purse()
    meters = Meter(), Meter()
    meters[0].paid_by(little)
    meters[1].paid_by(much)
    done = await asyncio.gather(run(meters[0], 1), run(meters[1], 10))
    assert list(done) == ["done", "done"]
    for purse, times in ((little, 1), (much, 10)):
        spent = purse.turns[1:]  # the first is what was spent before
        assert len(spent) == times + 1
        assert sum(spent) >= times * WORK_NS
    assert sum(little.turns) < sum(much.turns) / 2


async def test_time_before_the_payer_is_known_is_charged_when_it_is() -> None:
    meter, purse = Meter(), Purse()
    await run(meter, 3)
    meter.paid_by(purse)
    (spent,) = purse.turns
    assert spent >= 3 * WORK_NS
    meter.paid_by(purse)
    assert purse.turns[1:] == [0]


async def test_waiting_costs_nothing() -> None:
    meter, purse, go_on = Meter(), Purse(), asyncio.Event()
    meter.paid_by(purse)
    task = asyncio.create_task(meter.metered(go_on.wait()))
    await asyncio.sleep(0)
    for _ in range(20):
        work()
        await asyncio.sleep(0)
    go_on.set()
    await task
    assert sum(purse.turns) < 10 * WORK_NS


async def test_exception_passes_and_its_turn_is_charged() -> None:
    meter, purse = Meter(), Purse()
    meter.paid_by(purse)

    async def fail() -> None:
        work()
        raise ValueError("as it was")

    with pytest.raises(ValueError, match="as it was"):
        await asyncio.create_task(meter.metered(fail()))
    assert purse.turns[-1] >= WORK_NS


async def test_cancelled_task_cleans_up_and_is_charged_for_it() -> None:
    meter, purse = Meter(), Purse()
    meter.paid_by(purse)

    async def clean_up() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            work()

    task = asyncio.create_task(meter.metered(clean_up()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert purse.turns[-1] >= WORK_NS
