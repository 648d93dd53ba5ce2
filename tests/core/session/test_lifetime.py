"""Each thing about one's time here is told once, and silence ends nothing before a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.limits import (
    END_TOLD_S,
    OWN_LIMIT_KIB,
    OWN_LIMIT_MINUTES,
    SESSION_LIFE_S,
    STILL_ANSWER_S,
    STILL_MINUTES,
    STILL_USUAL_S,
)
from server.core.session.lifetime import Lifetime, LifetimeNotice, OwnLimit

BORN_S = 1_000
NEVER = OwnLimit()
STILL_S = 600


def make_stay(limit: OwnLimit = NEVER, still_after_s: float = STILL_S) -> Lifetime:
    return Lifetime(started_s=BORN_S, touched_s=BORN_S, still_after_s=still_after_s, limit=limit)


def awake(limit: OwnLimit = NEVER) -> Lifetime:
    """A stay that is never asked whether somebody is there."""
    return make_stay(limit, still_after_s=2 * SESSION_LIFE_S)


# The question


def test_question_is_told_once_after_a_while_without_anything_pressed() -> None:
    lifetime = make_stay()
    assert lifetime.take_notices(BORN_S + STILL_S - 1, 0) == []
    assert lifetime.take_notices(BORN_S + STILL_S, 0) == [LifetimeNotice.STILL_THERE]
    assert lifetime.take_notices(BORN_S + STILL_S + 1, 0) == []


def test_pressing_puts_the_question_off() -> None:
    lifetime = make_stay()
    lifetime.touch(BORN_S + STILL_S - 1)
    assert lifetime.take_notices(BORN_S + 2 * STILL_S - 2, 0) == []
    assert lifetime.take_notices(BORN_S + 2 * STILL_S - 1, 0) == [LifetimeNotice.STILL_THERE]


def test_pressing_answers_the_question_and_it_is_asked_anew_after_another_while() -> None:
    lifetime = make_stay()
    lifetime.take_notices(BORN_S + STILL_S, 0)
    answered_s = BORN_S + STILL_S + STILL_ANSWER_S
    lifetime.touch(answered_s)
    assert lifetime.standing_question() == []
    assert not lifetime.has_ended(answered_s + STILL_ANSWER_S + 1)
    assert lifetime.take_notices(answered_s + STILL_S - 1, 0) == []
    assert lifetime.take_notices(answered_s + STILL_S, 0) == [LifetimeNotice.STILL_THERE]
    assert lifetime.has_ended(answered_s + STILL_S + STILL_ANSWER_S + 1)


def test_stream_that_opens_later_is_asked_as_long_as_the_question_stands() -> None:
    lifetime = make_stay()
    assert lifetime.standing_question() == []
    lifetime.take_notices(BORN_S + STILL_S, 0)
    assert lifetime.standing_question() == [LifetimeNotice.STILL_THERE]
    assert lifetime.standing_question() == [LifetimeNotice.STILL_THERE]


def test_who_does_not_answer_in_time_is_over_and_not_before() -> None:
    lifetime = make_stay()
    asked_s = BORN_S + STILL_S + 50
    lifetime.take_notices(asked_s, 0)
    assert not lifetime.has_ended(asked_s + STILL_ANSWER_S)
    assert lifetime.has_ended(asked_s + STILL_ANSWER_S + 1)


def test_telling_again_gives_no_more_time_to_answer() -> None:
    lifetime = make_stay()
    asked_s = BORN_S + STILL_S
    lifetime.take_notices(asked_s, 0)
    lifetime.take_notices(asked_s + STILL_ANSWER_S, 0)
    assert lifetime.has_ended(asked_s + STILL_ANSWER_S + 1)


def test_who_was_never_asked_is_not_over_however_long_they_are_silent() -> None:
    assert not make_stay().has_ended(BORN_S + SESSION_LIFE_S)


def test_question_that_only_holds_was_not_asked() -> None:
    lifetime = make_stay()
    assert LifetimeNotice.STILL_THERE in lifetime.due(BORN_S + STILL_S, 0)
    assert lifetime.standing_question() == []
    assert not lifetime.has_ended(BORN_S + STILL_S + STILL_ANSWER_S + 1)


# The end


def test_session_that_is_too_old_is_over_whatever_it_does() -> None:
    lifetime = awake()
    lifetime.touch(BORN_S + SESSION_LIFE_S)
    assert lifetime.ends_s == BORN_S + SESSION_LIFE_S
    assert not lifetime.has_ended(lifetime.ends_s)
    assert lifetime.has_ended(lifetime.ends_s + 1)


def test_end_is_told_once_some_minutes_before_and_pressing_does_not_tell_it_again() -> None:
    lifetime = awake()
    told_s = lifetime.ends_s - END_TOLD_S
    assert lifetime.take_notices(told_s - 1, 0) == []
    assert lifetime.take_notices(told_s, 0) == [LifetimeNotice.ENDS_SOON]
    lifetime.touch(told_s)
    assert lifetime.take_notices(lifetime.ends_s, 0) == []


# One's own limit


@pytest.mark.parametrize(
    ("limit", "here_s", "traffic_bytes", "is_reached"),
    [
        (OwnLimit(), 0, 0, False),
        (OwnLimit(), 10**9, 10**9, False),
        (OwnLimit(after_s=60), 59.9, 10**9, False),
        (OwnLimit(after_s=60), 60, 0, True),
        (OwnLimit(after_bytes=100), 10**9, 99, False),
        (OwnLimit(after_bytes=100), 0, 100, True),
        (OwnLimit(after_s=60, after_bytes=100), 59.9, 99, False),
        (OwnLimit(after_s=60, after_bytes=100), 60, 0, True),
        (OwnLimit(after_s=60, after_bytes=100), 0, 100, True),
    ],
)
def test_limit_is_reached_by_time_or_by_bytes_and_zero_is_never(
    limit: OwnLimit, here_s: float, traffic_bytes: int, is_reached: bool
) -> None:
    assert limit.is_reached(here_s, traffic_bytes) is is_reached


def test_own_limit_of_time_counts_from_the_first_moment_and_is_told_once() -> None:
    lifetime = awake(OwnLimit(after_s=900))
    lifetime.touch(BORN_S + 800)
    assert lifetime.take_notices(BORN_S + 899, 0) == []
    assert lifetime.take_notices(BORN_S + 900, 0) == [LifetimeNotice.OWN_LIMIT]
    lifetime.touch(BORN_S + 901)
    assert lifetime.take_notices(BORN_S + 902, 0) == []


def test_own_limit_of_bytes_is_told_once_and_nothing_follows_from_it() -> None:
    lifetime = awake(OwnLimit(after_bytes=100))
    assert lifetime.take_notices(BORN_S, 99) == []
    assert lifetime.take_notices(BORN_S, 100) == [LifetimeNotice.OWN_LIMIT]
    assert lifetime.take_notices(BORN_S, 500) == []
    assert not lifetime.has_ended(lifetime.ends_s)


def test_another_limit_is_told_again_when_it_is_reached() -> None:
    lifetime = awake(OwnLimit(after_bytes=100))
    lifetime.take_notices(BORN_S, 100)
    lifetime.set_limit(OwnLimit(after_bytes=200))
    assert lifetime.take_notices(BORN_S, 199) == []
    assert lifetime.take_notices(BORN_S, 200) == [LifetimeNotice.OWN_LIMIT]


def test_limit_that_is_reached_already_is_told_at_once() -> None:
    lifetime = awake()
    lifetime.set_limit(OwnLimit(after_s=60))
    assert lifetime.take_notices(BORN_S + 7_200, 0) == [LifetimeNotice.OWN_LIMIT]


def test_who_wants_no_limit_any_more_is_told_nothing() -> None:
    lifetime = awake(OwnLimit(after_s=60, after_bytes=100))
    lifetime.set_limit(NEVER)
    assert lifetime.take_notices(BORN_S + 7_200, 10**9) == []


def test_setting_a_limit_answers_no_question_and_tells_no_other_thing_again() -> None:
    lifetime = make_stay()
    lifetime.take_notices(lifetime.ends_s - END_TOLD_S, 0)
    lifetime.set_limit(NEVER)
    assert lifetime.standing_question() == [LifetimeNotice.STILL_THERE]
    assert lifetime.take_notices(lifetime.ends_s - END_TOLD_S + 1, 0) == []


# All of it


def test_what_holds_at_once_is_told_at_once_and_still_holds_when_it_was_told() -> None:
    lifetime = make_stay(OwnLimit(after_s=60))
    assert lifetime.due(BORN_S, 0) == frozenset()
    assert lifetime.take_notices(lifetime.ends_s, 0) == [
        LifetimeNotice.STILL_THERE,
        LifetimeNotice.ENDS_SOON,
        LifetimeNotice.OWN_LIMIT,
    ]
    assert lifetime.take_notices(lifetime.ends_s, 0) == []
    assert lifetime.due(lifetime.ends_s, 0) == frozenset(LifetimeNotice)


def test_choices_have_the_usual_among_them_and_none_for_who_wants_no_limit() -> None:
    assert (STILL_MINUTES[0], STILL_MINUTES[-1]) == (10, 120)
    assert list(STILL_MINUTES) == sorted(STILL_MINUTES)
    assert STILL_USUAL_S == 30 * 60
    assert 30 in STILL_MINUTES
    assert Lifetime(started_s=0, touched_s=0).still_after_s == STILL_USUAL_S
    assert (OWN_LIMIT_MINUTES[0], OWN_LIMIT_KIB[0]) == (0, 0)


LIMITS = st.builds(
    OwnLimit, st.sampled_from([0, STILL_S, 4 * STILL_S]), st.sampled_from([0, 3, 30])
)
STEPS = st.one_of(
    st.sampled_from(["act", "tell"]),
    st.sampled_from([1, STILL_ANSWER_S, STILL_S - 1, STILL_S, END_TOLD_S, SESSION_LIFE_S // 3]),
    LIMITS,
)


@given(LIMITS, st.lists(STEPS, max_size=40))
def test_telling_agrees_with_the_obvious_model(
    limit: OwnLimit, steps: list[str | int | OwnLimit]
) -> None:
    lifetime = make_stay(limit)
    now_s = acted_s = BORN_S
    asked_s: int | None = None
    open_to = set(LifetimeNotice)  # what would be told if it held
    for traffic_bytes, step in enumerate(steps):
        if isinstance(step, int):
            now_s += step
        elif isinstance(step, OwnLimit):
            limit = step
            lifetime.set_limit(limit)
            open_to.add(LifetimeNotice.OWN_LIMIT)
        elif step == "act":
            lifetime.touch(now_s)
            acted_s, asked_s = now_s, None
            open_to.add(LifetimeNotice.STILL_THERE)
        else:
            told = lifetime.take_notices(now_s, traffic_bytes)
            assert set(told) == open_to & model_due(limit, now_s, acted_s, traffic_bytes)
            assert len(told) == len(set(told))
            open_to -= set(told)
            asked_s = now_s if LifetimeNotice.STILL_THERE in told else asked_s
        assert lifetime.due(now_s, traffic_bytes) == model_due(limit, now_s, acted_s, traffic_bytes)
        assert lifetime.standing_question() == [LifetimeNotice.STILL_THERE][: asked_s is not None]
        unanswered = asked_s is not None and now_s > asked_s + STILL_ANSWER_S
        assert lifetime.has_ended(now_s) is (unanswered or now_s > BORN_S + SESSION_LIFE_S)


def model_due(limit: OwnLimit, now_s: int, acted_s: int, traffic_bytes: int) -> set[LifetimeNotice]:
    due = set()
    if now_s >= acted_s + STILL_S:
        due.add(LifetimeNotice.STILL_THERE)
    if now_s + END_TOLD_S >= BORN_S + SESSION_LIFE_S:
        due.add(LifetimeNotice.ENDS_SOON)
    if limit.after_s and now_s >= BORN_S + limit.after_s:
        due.add(LifetimeNotice.OWN_LIMIT)
    if limit.after_bytes and traffic_bytes >= limit.after_bytes:
        due.add(LifetimeNotice.OWN_LIMIT)
    return due
