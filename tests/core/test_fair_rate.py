"""A circuit has a bucket of its own, and nobody can use up what others need."""

from __future__ import annotations

import pytest

from server.core.errors import RateLimitedError
from server.core.fair_rate import FairRate
from server.core.ids import CircuitKey
from server.core.ratelimit import TokenBucket

NOW_S = 1_000.0
HERE, THERE = CircuitKey(b"here"), CircuitKey(b"there")
BURST, EVERY_S, ALL_BURST = 3, 10.0, 5


def rate(*, with_common: bool = True) -> FairRate:
    common = TokenBucket(burst=ALL_BURST, every_s=100, now_s=NOW_S) if with_common else None
    return FairRate(burst=BURST, every_s=EVERY_S, common=common)


def taken(limit: FairRate, circuit: CircuitKey | None, now_s: float = NOW_S) -> int:
    """Take until it is refused; return how often it was not."""
    for count in range(1_000):
        try:
            limit.take(circuit, now_s)
        except RateLimitedError:
            return count
    return 1_000


def test_circuit_has_a_burst_of_its_own() -> None:
    limit = rate(with_common=False)
    assert (taken(limit, HERE), taken(limit, THERE)) == (BURST, BURST)
    assert taken(limit, HERE, NOW_S + EVERY_S) == 1


def test_unknown_circuits_share_the_common_bucket() -> None:
    assert taken(rate(), None) == ALL_BURST
    assert taken(rate(with_common=False), None) == 1_000


def test_circuit_with_a_full_bucket_does_not_need_the_common_one() -> None:
    limit = rate()
    assert taken(limit, None) == ALL_BURST
    for circuit in (HERE, THERE):
        limit.check(circuit, NOW_S)
        assert taken(limit, circuit) == 1


def test_one_circuit_cannot_empty_the_common_bucket() -> None:
    limit = rate()
    taken(limit, HERE)
    assert taken(limit, None) == ALL_BURST - BURST


def test_refusal_takes_nothing() -> None:
    limit = rate()
    taken(limit, None)
    limit.take(HERE, NOW_S)
    with pytest.raises(RateLimitedError):
        limit.take(HERE, NOW_S)
    # The own bucket is short of one token, and no more: it is full after one interval.
    limit.take(HERE, NOW_S + 100)
    assert taken(limit, HERE, NOW_S + 100) == 0


def test_bucket_is_forgotten_when_it_is_full_again() -> None:
    limit = rate()
    limit.take(HERE, NOW_S)
    limit.take(THERE, NOW_S + 1)
    limit.forget_full(NOW_S + BURST * EVERY_S - 1)
    assert [*limit._own] == [HERE, THERE]
    limit.forget_full(NOW_S + BURST * EVERY_S)
    assert [*limit._own] == [THERE]


def test_number_of_buckets_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.core.fair_rate.MAX_CIRCUITS", 2)
    limit = rate(with_common=False)
    for number in range(10):
        limit.take(CircuitKey(bytes([number])), NOW_S)
    limit.forget_full(NOW_S)
    assert [*limit._own] == [b"\x08", b"\x09"]
