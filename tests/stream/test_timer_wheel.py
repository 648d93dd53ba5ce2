"""Each entry of the timer wheel ticks once when it is due, and not before."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from server.stream.timer_wheel import SLOT_S, TURN_S, TimerWheel
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


@pytest.mark.checklist(50)
async def test_wheel_turns_at_moments_that_show_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses between turns are of every length, and one slot on average."""
    clock, pauses = FakeClock(), list[float]()
    timer_wheel, ticker = TimerWheel(clock), Ticker(every_s=1)
    timer_wheel.schedule(ticker, clock())

    async def pass_time_instead(pause_s: float) -> None:
        clock.advance(pause_s)
        pauses.append(pause_s)
        if len(pauses) == 2_000:
            raise asyncio.CancelledError

    monkeypatch.setattr("server.stream.timer_wheel.asyncio.sleep", pass_time_instead)
    with pytest.raises(asyncio.CancelledError):
        await timer_wheel.run()
    low_s, high_s = TURN_S
    assert all(low_s <= pause_s <= high_s for pause_s in pauses)
    assert sum(pauses) / len(pauses) == pytest.approx(SLOT_S, rel=0.05)
    # Modulo a slot the ticks are everywhere, and not at one moment of it.
    at = Counter(int(10 * (ticked_s % SLOT_S) / SLOT_S) for ticked_s in ticker.ticked_s)
    assert len(at) >= 9
    assert all(b - a < 1 + 3 * SLOT_S for a, b in pairwise(ticker.ticked_s))
