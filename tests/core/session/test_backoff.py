"""Many skips in a row cause a growing pause, and waiting for the reported pause is enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import CooldownError
from server.core.limits import (
    FREE_MATCHES,
    FREE_SKIPS,
    MATCH_DECAY_S,
    MAX_MATCH_PAUSE_S,
    MAX_SKIP_PAUSE_S,
    SKIP_DECAY_S,
    SKIP_PAUSE_S,
)
from server.core.session.backoff import MATCHES, SKIPS, Backoff


def make_skips(count: int = 0, now_s: float = 0) -> Backoff:
    """Count some skips, all at one moment."""
    skips = Backoff(SKIPS, now_s)
    for _ in range(count):
        skips.count(now_s)
    return skips


def pause(skips: Backoff, now_s: float) -> float:
    """Return the remaining pause; 0 if there is none."""
    try:
        skips.check(now_s)
    except CooldownError as error:
        return error.pause_s
    return 0


def free_skips(skips: Backoff, now_s: float) -> int:
    """Count the skips before the one that starts a pause."""
    for count in range(3 * FREE_SKIPS):
        skips.count(now_s)
        if pause(skips, now_s):
            return count
    raise AssertionError("there was no pause at all")


def test_no_pause_without_a_skip() -> None:
    make_skips().check(0)


def test_first_skips_in_a_row_are_free() -> None:
    assert free_skips(make_skips(), 0) == FREE_SKIPS


def test_pause_doubles_up_to_the_maximum() -> None:
    skips = make_skips(FREE_SKIPS)
    pauses = []
    for _ in range(8):
        skips.count(0)
        pauses.append(pause(skips, 0))
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300]
    assert (pauses[0], pauses[-1]) == (SKIP_PAUSE_S, MAX_SKIP_PAUSE_S)


def test_error_has_the_remaining_pause() -> None:
    skips = make_skips(FREE_SKIPS + 2, now_s=1_000)
    assert [pause(skips, 1_000 + s) for s in (0, 5, 19.5, 20, 21)] == [20, 15, 0.5, 0, 0]


def test_refused_check_does_not_extend_the_pause() -> None:
    skips = make_skips(FREE_SKIPS + 1)
    for _ in range(10):
        with pytest.raises(CooldownError):
            skips.check(SKIP_PAUSE_S - 1)
    skips.check(SKIP_PAUSE_S)


@pytest.mark.parametrize("minutes", [1, 2, FREE_SKIPS])
def test_skips_decay_with_time(minutes: int) -> None:
    assert free_skips(make_skips(FREE_SKIPS), minutes * SKIP_DECAY_S) == minutes


def test_long_time_resets_the_count_without_credit() -> None:
    assert free_skips(make_skips(FREE_SKIPS), 10**6) == FREE_SKIPS


def test_pause_is_short_again_after_a_long_conversation() -> None:
    skips = make_skips(FREE_SKIPS + 4)
    skips.count(4 * SKIP_DECAY_S)
    assert pause(skips, 4 * SKIP_DECAY_S) == SKIP_PAUSE_S


def test_one_skip_a_minute_never_pauses() -> None:
    skips = make_skips()
    for number in range(200):
        skips.count(number * SKIP_DECAY_S)
        skips.check(number * SKIP_DECAY_S)


@given(st.lists(st.floats(0, 200), max_size=60))
def test_waiting_for_the_reported_time_is_enough(steps: list[float]) -> None:
    skips, now_s = make_skips(), 0.0
    for step in steps:
        now_s += step
        skips.count(now_s)
        wait_s = pause(skips, now_s)
        assert wait_s <= MAX_SKIP_PAUSE_S + 1e-6
        # Slightly more: floating-point sums are not exact.
        now_s += wait_s + 1e-6
        assert pause(skips, now_s) == 0


@given(st.integers(0, 3 * FREE_SKIPS), st.integers(1, 20), st.integers(1, 20))
def test_more_skips_never_shorten_the_pause(count: int, more: int, gap_s: int) -> None:
    one, other = make_skips(count), make_skips(count + more)
    one.count(gap_s)
    other.count(gap_s)
    assert pause(one, gap_s) <= pause(other, gap_s)


def test_two_matches_a_minute_are_never_slowed() -> None:
    matches = Backoff(MATCHES, 0)
    for number in range(10 * FREE_MATCHES):
        matches.count(number * MATCH_DECAY_S)
        assert pause(matches, number * MATCH_DECAY_S) == 0


def test_visitor_who_is_left_again_and_again_waits_a_minute_at_most() -> None:
    matches, now_s, pauses = Backoff(MATCHES, 0), 0.0, []
    for _ in range(4 * FREE_MATCHES):
        now_s += 5
        matches.count(now_s)
        pauses.append(pause(matches, now_s))
        now_s += pauses[-1]
    assert pauses[:FREE_MATCHES] == [0] * FREE_MATCHES
    assert 0 < max(pauses) <= MAX_MATCH_PAUSE_S


def test_program_that_takes_every_match_gets_two_a_minute() -> None:
    matches, now_s, taken = Backoff(MATCHES, 0), 0.0, 0
    while now_s < 3_600:
        matches.count(now_s)
        taken += 1
        now_s += max(1, pause(matches, now_s))
    assert taken <= FREE_MATCHES + 3_600 / MATCH_DECAY_S + 2


def test_count_that_has_decayed_is_over() -> None:
    matches = Backoff(MATCHES, 0)
    matches.count(0)
    assert not matches.is_over(MATCH_DECAY_S - 1)
    assert matches.is_over(MATCH_DECAY_S)
