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
from server.core.session.lifetime import OwnLimit, Stay, Told

BORN_S = 1_000
NEVER = OwnLimit()
STILL_S = 600


def make_stay(limit: OwnLimit = NEVER, still_after_s: float = STILL_S) -> Stay:
    return Stay(born_s=BORN_S, acted_s=BORN_S, still_after_s=still_after_s, limit=limit)


def awake(limit: OwnLimit = NEVER) -> Stay:
    """A stay that is never asked whether somebody is there."""
    return make_stay(limit, still_after_s=2 * SESSION_LIFE_S)


# The question


def test_question_is_told_once_after_a_while_without_anything_pressed() -> None:
    stay = make_stay()
    assert stay.tell(BORN_S + STILL_S - 1, 0) == []
    assert stay.tell(BORN_S + STILL_S, 0) == [Told.STILL_THERE]
    assert stay.tell(BORN_S + STILL_S + 1, 0) == []


def test_pressing_puts_the_question_off() -> None:
    stay = make_stay()
    stay.act(BORN_S + STILL_S - 1)
    assert stay.tell(BORN_S + 2 * STILL_S - 2, 0) == []
    assert stay.tell(BORN_S + 2 * STILL_S - 1, 0) == [Told.STILL_THERE]


def test_pressing_answers_the_question_and_it_is_asked_anew_after_another_while() -> None:
    stay = make_stay()
    stay.tell(BORN_S + STILL_S, 0)
    answered_s = BORN_S + STILL_S + STILL_ANSWER_S
    stay.act(answered_s)
    assert stay.asked_again() == []
    assert not stay.is_over(answered_s + STILL_ANSWER_S + 1)
    assert stay.tell(answered_s + STILL_S - 1, 0) == []
    assert stay.tell(answered_s + STILL_S, 0) == [Told.STILL_THERE]
    assert stay.is_over(answered_s + STILL_S + STILL_ANSWER_S + 1)


def test_stream_that_opens_later_is_asked_as_long_as_the_question_stands() -> None:
    stay = make_stay()
    assert stay.asked_again() == []
    stay.tell(BORN_S + STILL_S, 0)
    assert stay.asked_again() == [Told.STILL_THERE]
    assert stay.asked_again() == [Told.STILL_THERE]


def test_who_does_not_answer_in_time_is_over_and_not_before() -> None:
    stay = make_stay()
    asked_s = BORN_S + STILL_S + 50
    stay.tell(asked_s, 0)
    assert not stay.is_over(asked_s + STILL_ANSWER_S)
    assert stay.is_over(asked_s + STILL_ANSWER_S + 1)


def test_telling_again_gives_no_more_time_to_answer() -> None:
    stay = make_stay()
    asked_s = BORN_S + STILL_S
    stay.tell(asked_s, 0)
    stay.tell(asked_s + STILL_ANSWER_S, 0)
    assert stay.is_over(asked_s + STILL_ANSWER_S + 1)


def test_who_was_never_asked_is_not_over_however_long_they_are_silent() -> None:
    assert not make_stay().is_over(BORN_S + SESSION_LIFE_S)


def test_question_that_only_holds_was_not_asked() -> None:
    stay = make_stay()
    assert Told.STILL_THERE in stay.due(BORN_S + STILL_S, 0)
    assert stay.asked_again() == []
    assert not stay.is_over(BORN_S + STILL_S + STILL_ANSWER_S + 1)


# The end


def test_session_that_is_too_old_is_over_whatever_it_does() -> None:
    stay = awake()
    stay.act(BORN_S + SESSION_LIFE_S)
    assert stay.ends_s == BORN_S + SESSION_LIFE_S
    assert not stay.is_over(stay.ends_s)
    assert stay.is_over(stay.ends_s + 1)


def test_end_is_told_once_some_minutes_before_and_pressing_does_not_tell_it_again() -> None:
    stay = awake()
    told_s = stay.ends_s - END_TOLD_S
    assert stay.tell(told_s - 1, 0) == []
    assert stay.tell(told_s, 0) == [Told.ENDS_SOON]
    stay.act(told_s)
    assert stay.tell(stay.ends_s, 0) == []


# One's own limit


@pytest.mark.parametrize(
    ("limit", "here_s", "spent_bytes", "is_reached"),
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
    limit: OwnLimit, here_s: float, spent_bytes: int, is_reached: bool
) -> None:
    assert limit.is_reached(here_s, spent_bytes) is is_reached


def test_own_limit_of_time_counts_from_the_first_moment_and_is_told_once() -> None:
    stay = awake(OwnLimit(after_s=900))
    stay.act(BORN_S + 800)
    assert stay.tell(BORN_S + 899, 0) == []
    assert stay.tell(BORN_S + 900, 0) == [Told.OWN_LIMIT]
    stay.act(BORN_S + 901)
    assert stay.tell(BORN_S + 902, 0) == []


def test_own_limit_of_bytes_is_told_once_and_nothing_follows_from_it() -> None:
    stay = awake(OwnLimit(after_bytes=100))
    assert stay.tell(BORN_S, 99) == []
    assert stay.tell(BORN_S, 100) == [Told.OWN_LIMIT]
    assert stay.tell(BORN_S, 500) == []
    assert not stay.is_over(stay.ends_s)


def test_another_limit_is_told_again_when_it_is_reached() -> None:
    stay = awake(OwnLimit(after_bytes=100))
    stay.tell(BORN_S, 100)
    stay.set_limit(OwnLimit(after_bytes=200))
    assert stay.tell(BORN_S, 199) == []
    assert stay.tell(BORN_S, 200) == [Told.OWN_LIMIT]


def test_limit_that_is_reached_already_is_told_at_once() -> None:
    stay = awake()
    stay.set_limit(OwnLimit(after_s=60))
    assert stay.tell(BORN_S + 7_200, 0) == [Told.OWN_LIMIT]


def test_who_wants_no_limit_any_more_is_told_nothing() -> None:
    stay = awake(OwnLimit(after_s=60, after_bytes=100))
    stay.set_limit(NEVER)
    assert stay.tell(BORN_S + 7_200, 10**9) == []


def test_setting_a_limit_answers_no_question_and_tells_no_other_thing_again() -> None:
    stay = make_stay()
    stay.tell(stay.ends_s - END_TOLD_S, 0)
    stay.set_limit(NEVER)
    assert stay.asked_again() == [Told.STILL_THERE]
    assert stay.tell(stay.ends_s - END_TOLD_S + 1, 0) == []


# All of it


def test_what_holds_at_once_is_told_at_once_and_still_holds_when_it_was_told() -> None:
    stay = make_stay(OwnLimit(after_s=60))
    assert stay.due(BORN_S, 0) == frozenset()
    assert stay.tell(stay.ends_s, 0) == [Told.STILL_THERE, Told.ENDS_SOON, Told.OWN_LIMIT]
    assert stay.tell(stay.ends_s, 0) == []
    assert stay.due(stay.ends_s, 0) == frozenset(Told)


def test_choices_have_the_usual_among_them_and_none_for_who_wants_no_limit() -> None:
    assert (STILL_MINUTES[0], STILL_MINUTES[-1]) == (10, 120)
    assert list(STILL_MINUTES) == sorted(STILL_MINUTES)
    assert STILL_USUAL_S == 30 * 60
    assert 30 in STILL_MINUTES
    assert Stay(born_s=0, acted_s=0).still_after_s == STILL_USUAL_S
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
    stay = make_stay(limit)
    now_s = acted_s = BORN_S
    asked_s: int | None = None
    open_to = set(Told)  # what would be told if it held
    for spent_bytes, step in enumerate(steps):
        if isinstance(step, int):
            now_s += step
        elif isinstance(step, OwnLimit):
            limit = step
            stay.set_limit(limit)
            open_to.add(Told.OWN_LIMIT)
        elif step == "act":
            stay.act(now_s)
            acted_s, asked_s = now_s, None
            open_to.add(Told.STILL_THERE)
        else:
            told = stay.tell(now_s, spent_bytes)
            assert set(told) == open_to & model_due(limit, now_s, acted_s, spent_bytes)
            assert len(told) == len(set(told))
            open_to -= set(told)
            asked_s = now_s if Told.STILL_THERE in told else asked_s
        assert stay.due(now_s, spent_bytes) == model_due(limit, now_s, acted_s, spent_bytes)
        assert stay.asked_again() == [Told.STILL_THERE][: asked_s is not None]
        unanswered = asked_s is not None and now_s > asked_s + STILL_ANSWER_S
        assert stay.is_over(now_s) is (unanswered or now_s > BORN_S + SESSION_LIFE_S)


def model_due(limit: OwnLimit, now_s: int, acted_s: int, spent_bytes: int) -> set[Told]:
    due = set()
    if now_s >= acted_s + STILL_S:
        due.add(Told.STILL_THERE)
    if now_s + END_TOLD_S >= BORN_S + SESSION_LIFE_S:
        due.add(Told.ENDS_SOON)
    if limit.after_s and now_s >= BORN_S + limit.after_s:
        due.add(Told.OWN_LIMIT)
    if limit.after_bytes and spent_bytes >= limit.after_bytes:
        due.add(Told.OWN_LIMIT)
    return due
