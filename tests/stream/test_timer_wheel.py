"""Each ticks when it is due, once, and costs nothing until then."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from server.stream.timer_wheel import SLOT_S, TimerWheel
from tests.fakes import FakeClock


@dataclass(eq=False)
class Ticker:
    """Ticks every so many seconds, or once."""

    every_s: float | None = None
    slot: int = 0
    ticked_s: list[float] = field(default_factory=list)

    def tick(self, now_s: float) -> float | None:
        """See `timer_wheel.TimerEntry`."""
        self.ticked_s.append(now_s)
        return None if self.every_s is None else now_s + self.every_s


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def timer_wheel(clock: FakeClock) -> TimerWheel:
    return TimerWheel(clock)


def pass_time(timer_wheel: TimerWheel, clock: FakeClock, seconds: float) -> None:
    """Turn as often as it would be turned."""
    for _ in range(round(seconds / SLOT_S)):
        clock.advance(SLOT_S)
        timer_wheel.turn()


def test_nothing_ticks_before_it_is_due_or_later_than_two_slots(
    timer_wheel: TimerWheel, clock: FakeClock
) -> None:
    tickers = {Ticker(): clock() + due_s for due_s in (0, 0.01, 0.05, 1.0, 1.24, 25)}
    for ticker, due_s in tickers.items():
        timer_wheel.schedule(ticker, due_s)
    pass_time(timer_wheel, clock, 26)
    for ticker, due_s in tickers.items():
        (ticked_s,) = ticker.ticked_s
        assert due_s <= ticked_s + 1e-9
        assert ticked_s <= due_s + 2 * SLOT_S + 1e-9
    assert len(timer_wheel) == 0


def test_who_is_due_again_stands_again(timer_wheel: TimerWheel, clock: FakeClock) -> None:
    ticker = Ticker(every_s=2)
    timer_wheel.schedule(ticker, clock() + 2)
    pass_time(timer_wheel, clock, 21)
    assert len(ticker.ticked_s) in (9, 10)
    assert len(timer_wheel) == 1


def test_who_has_left_ticks_no_more_and_is_held_no_more(
    timer_wheel: TimerWheel, clock: FakeClock
) -> None:
    stays, leaves = Ticker(), Ticker()
    for ticker in (stays, leaves):
        timer_wheel.schedule(ticker, clock() + 1)
    for _ in range(2):
        timer_wheel.cancel(leaves)
    assert len(timer_wheel) == 1
    pass_time(timer_wheel, clock, 2)
    assert (len(stays.ticked_s), leaves.ticked_s) == (1, [])


def test_turns_that_were_missed_are_made_up_for_once(
    timer_wheel: TimerWheel, clock: FakeClock
) -> None:
    often, once = Ticker(every_s=0.1), Ticker()
    timer_wheel.schedule(often, clock() + 0.1)
    timer_wheel.schedule(once, clock() + 3)
    clock.advance(10)
    timer_wheel.turn()
    assert (len(often.ticked_s), len(once.ticked_s)) == (1, 1)


def test_one_may_leave_because_another_ticks(timer_wheel: TimerWheel, clock: FakeClock) -> None:
    class Leaver(Ticker):
        def tick(self, now_s: float) -> float | None:
            timer_wheel.cancel(self)
            return super().tick(now_s)

    timer_wheel.schedule(Leaver(), clock() + 1)
    pass_time(timer_wheel, clock, 2)
    assert len(timer_wheel) == 0
