"""Each entry of the timer wheel ticks once when it is due, and not before."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from server.stream.timer_wheel import SLOT_S, TimerWheel
from tests.fakes import FakeClock


@dataclass(eq=False)
class Ticker:
    """Ticks every `every_s` seconds, or once; records when."""

    every_s: float | None = None
    slot: int = 0
    ticked_s: list[float] = field(default_factory=list)

    def tick(self, now_s: float) -> float | None:
        """See `TimerEntry`."""
        self.ticked_s.append(now_s)
        return None if self.every_s is None else now_s + self.every_s


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def timer_wheel(clock: FakeClock) -> TimerWheel:
    return TimerWheel(clock)


def pass_time(timer_wheel: TimerWheel, clock: FakeClock, seconds: float) -> None:
    """Advance the clock, and turn the wheel once a slot."""
    for _ in range(round(seconds / SLOT_S)):
        clock.advance(SLOT_S)
        timer_wheel.turn()


def test_entry_is_never_early_and_at_most_two_slots_late(
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


def test_entry_that_returns_a_deadline_is_scheduled_again(
    timer_wheel: TimerWheel, clock: FakeClock
) -> None:
    ticker = Ticker(every_s=2)
    timer_wheel.schedule(ticker, clock() + 2)
    pass_time(timer_wheel, clock, 21)
    assert len(ticker.ticked_s) in (9, 10)
    assert len(timer_wheel) == 1


def test_cancelled_entry_does_not_tick_and_is_dropped(
    timer_wheel: TimerWheel, clock: FakeClock
) -> None:
    kept, cancelled = Ticker(), Ticker()
    for ticker in (kept, cancelled):
        timer_wheel.schedule(ticker, clock() + 1)
    for _ in range(2):
        timer_wheel.cancel(cancelled)
    assert len(timer_wheel) == 1
    pass_time(timer_wheel, clock, 2)
    assert (len(kept.ticked_s), cancelled.ticked_s) == (1, [])


def test_entry_ticks_only_once_after_missed_turns(
    timer_wheel: TimerWheel, clock: FakeClock
) -> None:
    often, once = Ticker(every_s=0.1), Ticker()
    timer_wheel.schedule(often, clock() + 0.1)
    timer_wheel.schedule(once, clock() + 3)
    clock.advance(10)
    timer_wheel.turn()
    assert (len(often.ticked_s), len(once.ticked_s)) == (1, 1)


def test_entry_may_cancel_itself_while_it_ticks(timer_wheel: TimerWheel, clock: FakeClock) -> None:
    class SelfCancelling(Ticker):
        def tick(self, now_s: float) -> float | None:
            timer_wheel.cancel(self)
            return super().tick(now_s)

    timer_wheel.schedule(SelfCancelling(), clock() + 1)
    pass_time(timer_wheel, clock, 2)
    assert len(timer_wheel) == 0
