"""A burst, then one more per interval, and waiting for the reported time is enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import RateLimitedError
from server.core.limits import POST_BURST, POST_EVERY_S
from server.core.ratelimit import TokenBucket


def make_bucket(burst: int = 5, every_s: float = 2.0) -> TokenBucket:
    return TokenBucket(burst=burst, every_s=every_s, now_s=0)


def taken(bucket: TokenBucket, now_s: float) -> int:
    """Count how many tokens can be taken at once."""
    count = 0
    while True:
        try:
            bucket.take(now_s)
        except RateLimitedError:
            return count
        count += 1


def test_full_bucket_gives_its_burst_and_no_more() -> None:
    assert taken(make_bucket(), 0) == 5


def test_one_token_is_regained_per_interval() -> None:
    bucket = make_bucket()
    taken(bucket, 0)
    assert taken(bucket, 1.9) == 0
    assert taken(bucket, 4.0) == 2


def test_bucket_never_holds_more_than_its_burst() -> None:
    assert taken(make_bucket(), 10_000) == 5


def test_refusal_has_whole_seconds_and_takes_nothing() -> None:
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
def test_waiting_for_the_reported_time_is_enough(
    burst: int, every_s: float, steps: list[float]
) -> None:
    bucket, now_s = make_bucket(burst, every_s), 0.0
    for step in steps:
        now_s += step
        wait_s = wait_of(bucket, now_s)
        if wait_s:
            # Slightly more: floating-point sums are not exact.
            now_s += wait_s + 1e-9 * every_s
            assert wait_of(bucket, now_s) == 0


def wait_of(bucket: TokenBucket, now_s: float) -> int:
    """Take one token, or return for how long it was refused."""
    try:
        bucket.take(now_s)
    except RateLimitedError as error:
        return error.retry_after_s
    return 0


def test_post_limit_is_a_burst_of_five() -> None:
    assert (POST_BURST, POST_EVERY_S) == (5, 2.0)


def test_check_takes_nothing_and_refuses_like_take() -> None:
    bucket = make_bucket(burst=1)
    for _ in range(3):
        bucket.check(0)
    bucket.take(0)
    with pytest.raises(RateLimitedError) as caught:
        bucket.check(0.5)
    assert caught.value.retry_after_s == 2
    bucket.check(2)
