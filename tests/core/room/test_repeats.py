"""The same text may be posted a limited number of times a minute, and nothing is kept longer."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import RepeatedError
from server.core.limits import MAX_REPEATS, REPEAT_WINDOW_S
from server.core.room.repeats import Repeats


def make_repeats(*posted: tuple[float, bytes]) -> Repeats:
    repeats = Repeats()
    for now_s, tag in posted:
        repeats.record(tag, now_s)
    return repeats


def wait_of(repeats: Repeats, tag: bytes, now_s: float) -> int:
    """Return the seconds until the text may be posted again; 0 if it may be posted now."""
    try:
        repeats.check(tag, now_s)
    except RepeatedError as error:
        return error.retry_after_s
    return 0


def test_limit_is_eight_repetitions_a_minute() -> None:
    assert (MAX_REPEATS, REPEAT_WINDOW_S) == (8, 60.0)


def test_same_text_passes_up_to_the_limit() -> None:
    repeats = make_repeats()
    for _ in range(MAX_REPEATS):
        repeats.check(b"hi", 0)
        repeats.record(b"hi", 0)
    with pytest.raises(RepeatedError):
        repeats.check(b"hi", 0)


def test_check_does_not_count() -> None:
    repeats = make_repeats()
    for _ in range(2 * MAX_REPEATS):
        repeats.check(b"hi", 0)
    assert wait_of(repeats, b"hi", 0) == 0


def test_refusal_has_seconds_until_the_first_one_expires() -> None:
    repeats = make_repeats(*((float(n), b"hi") for n in range(MAX_REPEATS)))
    for now_s, wait_s in ((7.0, 53), (7.5, 53), (59.0, 1), (59.5, 1), (60.0, 0)):
        assert wait_of(repeats, b"hi", now_s) == wait_s


def test_each_expired_repetition_allows_one_more() -> None:
    repeats = make_repeats(*((float(n), b"hi") for n in range(MAX_REPEATS)))
    repeats.check(b"hi", REPEAT_WINDOW_S)
    repeats.record(b"hi", REPEAT_WINDOW_S)
    assert wait_of(repeats, b"hi", REPEAT_WINDOW_S) == 1
    assert wait_of(repeats, b"hi", REPEAT_WINDOW_S + 1) == 0


def test_other_texts_are_not_refused() -> None:
    repeats = make_repeats(*[(0, b"hi")] * MAX_REPEATS)
    assert wait_of(repeats, b"ho", 0) == 0
    assert wait_of(repeats, b"hi", 0) == REPEAT_WINDOW_S


def test_other_texts_in_between_do_not_reset_the_count() -> None:
    repeats = make_repeats(*[(0, b"hi"), (0, b"ho")] * (MAX_REPEATS - 1))
    assert wait_of(repeats, b"hi", 0) == 0
    repeats.record(b"hi", 0)
    assert wait_of(repeats, b"hi", 0) == REPEAT_WINDOW_S


def test_members_are_counted_separately() -> None:
    one, other = make_repeats(*[(0, b"hi")] * MAX_REPEATS), make_repeats()
    assert (wait_of(one, b"hi", 0), wait_of(other, b"hi", 0)) == (REPEAT_WINDOW_S, 0)


@pytest.mark.parametrize(
    ("now_s", "kept"), [(REPEAT_WINDOW_S - 1, 2), (REPEAT_WINDOW_S, 1), (REPEAT_WINDOW_S + 1, 0)]
)
def test_expired_entries_are_dropped(now_s: float, kept: int) -> None:
    repeats = make_repeats((0, b"hi"), (1, b"ho"))
    repeats.check(b"other", now_s)
    assert len(repeats._recent) == kept


# Eighths of a second add up exactly in binary. Many are small, so that there are refusals.
gaps = st.one_of(st.integers(0, 8), st.integers(0, 70 * 8)).map(lambda eighths: eighths / 8)


@given(st.lists(st.tuples(gaps, st.sampled_from([b"hi", b"hi", b"ho"])), max_size=60))
def test_refusals_agree_with_a_naive_model(steps: list[tuple[float, bytes]]) -> None:
    repeats, now_s = make_repeats(), 0.0
    posted: list[tuple[float, bytes]] = []

    def is_refused(tag: bytes, then_s: float) -> bool:
        same = [s for s, other in posted if other == tag and then_s < s + REPEAT_WINDOW_S]
        return len(same) >= MAX_REPEATS

    for gap_s, tag in steps:
        now_s += gap_s
        if is_refused(tag, now_s):
            least = next(n for n in count(1) if not is_refused(tag, now_s + n))
            assert wait_of(repeats, tag, now_s) == least
        else:
            assert wait_of(repeats, tag, now_s) == 0
            repeats.record(tag, now_s)
            posted.append((now_s, tag))
        assert list(repeats._recent) == [(s, t) for s, t in posted if now_s < s + REPEAT_WINDOW_S]
