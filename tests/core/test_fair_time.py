"""Who costs more than a share of the core waits, and only they do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.fair_time import (
    BURST_S,
    BUSY,
    MAX_SHARE,
    MAX_WAIT_S,
    MIN_BURST_S,
    MIN_SHARE,
    SPARE,
    FairTime,
    TimeAccount,
)

FULL = 1.0
REQUEST_S = 0.003


def serve_for(fair: FairTime, account: TimeAccount, began_s: float, seconds: float) -> float:
    """Let a circuit send requests as fast as it may; return the processor time that it took."""
    now_s, spent_s = began_s, 0.0
    while now_s < began_s + seconds:
        spent_s += REQUEST_S
        now_s += REQUEST_S
        now_s += fair.charge(account, REQUEST_S, now_s)
    return spent_s


def test_flooding_circuit_gets_its_burst_and_then_its_share() -> None:
    fair, account = FairTime(0.0), TimeAccount()
    most_s = MAX_SHARE * (BURST_S + 100) + REQUEST_S
    assert 0.9 * most_s < serve_for(fair, account, 0.0, 100.0) <= most_s


def test_other_circuits_do_not_wait() -> None:
    fair, flood, person = FairTime(0.0), TimeAccount(), TimeAccount()
    for number in range(100):
        fair.charge(flood, 1.0, number)
        assert fair.wait_s(flood, number) > 0
        assert fair.charge(person, 0.02, number) == 0


def test_debt_is_paid_off_and_then_nothing_waits() -> None:
    fair, account = FairTime(0.0), TimeAccount()
    wait_s = fair.charge(account, 2 * MAX_SHARE * BURST_S, 0.0)
    assert wait_s == pytest.approx(BURST_S)
    assert fair.wait_s(account, wait_s / 2) == pytest.approx(wait_s / 2)
    assert fair.wait_s(account, wait_s + 1e-6) == 0
    assert not fair.has_recovered(account, wait_s + 1e-6)
    assert fair.has_recovered(account, wait_s + BURST_S)


@given(st.floats(0, 1e4), st.integers(0, 30))
def test_no_wait_exceeds_the_longest(spent_s: float, ticks: int) -> None:
    fair, account = FairTime(0.0), TimeAccount()
    assert fair.charge(account, spent_s, 0.0) <= MAX_WAIT_S + 1e-6
    for _ in range(ticks):
        fair.tick(0.0, FULL)
    assert fair.wait_s(account, 0.0) <= MAX_WAIT_S + 1e-6


@given(st.lists(st.floats(0, 2), max_size=100))
def test_share_stays_within_its_bounds(ticks: list[float]) -> None:
    fair = FairTime(0.0)
    for number, busy in enumerate(ticks):
        fair.tick(number / 4, busy)
        assert MIN_SHARE <= fair.share <= MAX_SHARE


def test_share_shrinks_while_busy_and_grows_back() -> None:
    fair = FairTime(0.0)
    for number in range(20):
        fair.tick(number / 4, BUSY + 0.01)
    assert fair.share == MIN_SHARE
    for number in range(20, 40):
        fair.tick(number / 4, (BUSY + SPARE) / 2)
    assert fair.share == MIN_SHARE
    for number in range(40, 80):
        fair.tick(number / 4, SPARE / 2)
    assert fair.share == MAX_SHARE


def test_way_into_a_conversation_waits_at_no_share() -> None:
    fair, account = FairTime(0.0), TimeAccount()
    for number in range(40):
        fair.tick(number / 4, FULL)
    assert fair.share == MIN_SHARE
    assert [fair.charge(account, MIN_BURST_S / 7, 10.0) for _ in range(7)] == [0] * 7
    assert fair.charge(account, MIN_BURST_S, 10.0) > 1


@pytest.mark.parametrize("floods", [1, 10, 100])
def test_many_floods_together_leave_time_for_a_newcomer(floods: int) -> None:
    fair = FairTime(0.0)
    accounts = [TimeAccount() for _ in range(floods)]
    may_go_on_s = [0.0] * floods
    newcomer, now_s, spent_s, waits = TimeAccount(), 0.0, 0.0, []
    for tick in range(240):
        end_s, taken_s = (tick + 1) / 4, 0.0
        # The core serves whoever may be read from, one request after the other.
        while now_s < end_s:
            ready = [n for n in range(floods) if may_go_on_s[n] <= now_s]
            if not ready:
                now_s = min(end_s, min(may_go_on_s))
                continue
            number = min(ready, key=lambda n: may_go_on_s[n])
            now_s, taken_s = now_s + REQUEST_S, taken_s + REQUEST_S
            may_go_on_s[number] = now_s + fair.charge(accounts[number], REQUEST_S, now_s)
        fair.tick(end_s, taken_s * 4)
        if tick >= 40:
            spent_s += taken_s
            if tick % 40 == 0:
                waits.append(fair.charge(newcomer, 0.01, now_s))
    assert spent_s / 50 < 0.9, "the core is full"
    assert not any(waits), "a newcomer waits"
