"""So many at once, then one more every so often, and the wait that is told is enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import RateLimitedError
from server.core.limits import SPEAK_BURST, SPEAK_EVERY_S
from server.core.ratelimit import TokenBucket


def make_bucket(burst: int = 5, every_s: float = 2.0) -> TokenBucket:
    return TokenBucket(burst=burst, every_s=every_s, now_s=0)


def taken(bucket: TokenBucket, now_s: float) -> int:
    """How many can be taken at once."""
    count = 0
    while True:
        try:
            bucket.take(now_s)
        except RateLimitedError:
            return count
        count += 1


def test_full_bucket_gives_its_burst_and_no_more() -> None:
    assert taken(make_bucket(), 0) == 5


def test_one_comes_back_every_so_often() -> None:
    bucket = make_bucket()
    taken(bucket, 0)
    assert taken(bucket, 1.9) == 0
    assert taken(bucket, 4.0) == 2


def test_bucket_never_holds_more_than_its_burst() -> None:
    assert taken(make_bucket(), 10_000) == 5


def test_refusal_tells_whole_seconds_and_takes_nothing() -> None:
    bucket = make_bucket()
    taken(bucket, 0)
    for now_s, wait_s in ((0.0, 2), (0.5, 2), (1.0, 1), (1.9, 1)):
        with pytest.raises(RateLimitedError) as caught:
            bucket.take(now_s)
        assert caught.value.retry_after_s == wait_s
    bucket.take(2.0)


@given(
    burst=st.integers(1, 10),
    every_s=st.floats(0.1, 60),
    steps=st.lists(st.floats(0, 30), max_size=40),
)
def test_waiting_as_long_as_was_told_is_enough(
    burst: int, every_s: float, steps: list[float]
) -> None:
    bucket, now_s = make_bucket(burst, every_s), 0.0
    for step in steps:
        now_s += step
        wait_s = told_to_wait(bucket, now_s)
        if wait_s:
            # A hair more: binary fractions do not add up to the last bit.
            now_s += wait_s + 1e-9 * every_s
            assert told_to_wait(bucket, now_s) == 0


def told_to_wait(bucket: TokenBucket, now_s: float) -> int:
    """Take one, or say for how long it was refused."""
    try:
        bucket.take(now_s)
    except RateLimitedError as error:
        return error.retry_after_s
    return 0


def test_server_lets_a_thought_come_in_five_pieces() -> None:
    assert (SPEAK_BURST, SPEAK_EVERY_S) == (5, 2.0)


def test_looking_takes_nothing_and_refuses_as_taking_does() -> None:
    bucket = make_bucket(burst=1)
    for _ in range(3):
        bucket.check(0)
    bucket.take(0)
    with pytest.raises(RateLimitedError) as caught:
        bucket.check(0.5)
    assert caught.value.retry_after_s == 2
    bucket.check(2)
