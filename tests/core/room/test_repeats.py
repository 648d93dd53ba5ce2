"""The same words may be said so many times in a minute, and nothing is kept for longer."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import RepeatedError
from server.core.limits import MAX_REPEATS, REPEAT_WINDOW_S
from server.core.room.repeats import Repeats


def make_echoes(*said: tuple[float, bytes]) -> Repeats:
    repeats = Repeats()
    for now_s, tag in said:
        repeats.record(tag, now_s)
    return repeats


def told_to_wait(repeats: Repeats, tag: bytes, now_s: float) -> int:
    """Seconds until the words may be said again; 0 if they may be said now."""
    try:
        repeats.check(tag, now_s)
    except RepeatedError as error:
        return error.retry_after_s
    return 0


def test_server_lets_the_same_be_said_eight_times_in_a_minute() -> None:
    assert (MAX_REPEATS, REPEAT_WINDOW_S) == (8, 60.0)


def test_same_words_are_let_through_so_many_times_and_no_more() -> None:
    repeats = make_echoes()
    for _ in range(MAX_REPEATS):
        repeats.check(b"hi", 0)
        repeats.record(b"hi", 0)
    with pytest.raises(RepeatedError):
        repeats.check(b"hi", 0)


def test_looking_counts_nothing() -> None:
    repeats = make_echoes()
    for _ in range(2 * MAX_REPEATS):
        repeats.check(b"hi", 0)
    assert told_to_wait(repeats, b"hi", 0) == 0


def test_refusal_tells_whole_seconds_until_the_first_of_them_is_forgotten() -> None:
    repeats = make_echoes(*((float(n), b"hi") for n in range(MAX_REPEATS)))
    for now_s, wait_s in ((7.0, 53), (7.5, 53), (59.0, 1), (59.5, 1), (60.0, 0)):
        assert told_to_wait(repeats, b"hi", now_s) == wait_s


def test_each_that_is_forgotten_lets_one_more_through() -> None:
    repeats = make_echoes(*((float(n), b"hi") for n in range(MAX_REPEATS)))
    repeats.check(b"hi", REPEAT_WINDOW_S)
    repeats.record(b"hi", REPEAT_WINDOW_S)
    assert told_to_wait(repeats, b"hi", REPEAT_WINDOW_S) == 1
    assert told_to_wait(repeats, b"hi", REPEAT_WINDOW_S + 1) == 0


def test_other_words_are_not_held_up() -> None:
    repeats = make_echoes(*[(0, b"hi")] * MAX_REPEATS)
    assert told_to_wait(repeats, b"ho", 0) == 0
    assert told_to_wait(repeats, b"hi", 0) == REPEAT_WINDOW_S


def test_other_words_between_them_do_not_help() -> None:
    repeats = make_echoes(*[(0, b"hi"), (0, b"ho")] * (MAX_REPEATS - 1))
    assert told_to_wait(repeats, b"hi", 0) == 0
    repeats.record(b"hi", 0)
    assert told_to_wait(repeats, b"hi", 0) == REPEAT_WINDOW_S


def test_what_two_members_say_is_counted_apart() -> None:
    one, other = make_echoes(*[(0, b"hi")] * MAX_REPEATS), make_echoes()
    assert (told_to_wait(one, b"hi", 0), told_to_wait(other, b"hi", 0)) == (REPEAT_WINDOW_S, 0)


@pytest.mark.parametrize(
    ("now_s", "kept"), [(REPEAT_WINDOW_S - 1, 2), (REPEAT_WINDOW_S, 1), (REPEAT_WINDOW_S + 1, 0)]
)
def test_nothing_is_remembered_any_longer(now_s: float, kept: int) -> None:
    repeats = make_echoes((0, b"hi"), (1, b"ho"))
    repeats.check(b"other", now_s)
    assert len(repeats._said) == kept


# Eighths of a second add up to the last bit. Many are small, so that there are refusals.
gaps = st.one_of(st.integers(0, 8), st.integers(0, 70 * 8)).map(lambda eighths: eighths / 8)


@given(st.lists(st.tuples(gaps, st.sampled_from([b"hi", b"hi", b"ho"])), max_size=60))
def test_refusals_agree_with_the_obvious_model(steps: list[tuple[float, bytes]]) -> None:
    repeats, now_s = make_echoes(), 0.0
    all_said: list[tuple[float, bytes]] = []

    def is_held_up(tag: bytes, then_s: float) -> bool:
        same = [s for s, said in all_said if said == tag and then_s < s + REPEAT_WINDOW_S]
        return len(same) >= MAX_REPEATS

    for gap_s, tag in steps:
        now_s += gap_s
        if is_held_up(tag, now_s):
            least = next(n for n in count(1) if not is_held_up(tag, now_s + n))
            assert told_to_wait(repeats, tag, now_s) == least
        else:
            assert told_to_wait(repeats, tag, now_s) == 0
            repeats.record(tag, now_s)
            all_said.append((now_s, tag))
        assert list(repeats._said) == [(s, t) for s, t in all_said if now_s < s + REPEAT_WINDOW_S]
