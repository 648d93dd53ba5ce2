"""Each notice is sent once, and inactivity ends no session before the question was sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.limits import (
    END_NOTICE_S,
    IDLE_ANSWER_S,
    IDLE_QUESTION_MINUTES,
    IDLE_QUESTION_S,
    OWN_LIMIT_KIB,
    OWN_LIMIT_MINUTES,
    SESSION_LIFE_S,
)
from server.core.session.lifetime import Lifetime, LifetimeNotice, OwnLimit

START_S = 1_000
NEVER = OwnLimit()
STILL_S = 600


def make_lifetime(limit: OwnLimit = NEVER, still_after_s: float = STILL_S) -> Lifetime:
    return Lifetime(
        started_s=START_S, touched_s=START_S, idle_question_after_s=still_after_s, limit=limit
    )


def never_asked(limit: OwnLimit = NEVER) -> Lifetime:
    """Make a lifetime that is never asked the question."""
    return make_lifetime(limit, still_after_s=2 * SESSION_LIFE_S)


# The question


def test_question_is_sent_once_after_inactivity() -> None:
    lifetime = make_lifetime()
    assert lifetime.take_notices(START_S + STILL_S - 1, 0) == []
    assert lifetime.take_notices(START_S + STILL_S, 0) == [LifetimeNotice.STILL_THERE]
    assert lifetime.take_notices(START_S + STILL_S + 1, 0) == []


def test_activity_postpones_the_question() -> None:
    lifetime = make_lifetime()
    lifetime.touch(START_S + STILL_S - 1)
    assert lifetime.take_notices(START_S + 2 * STILL_S - 2, 0) == []
    assert lifetime.take_notices(START_S + 2 * STILL_S - 1, 0) == [LifetimeNotice.STILL_THERE]


def test_activity_answers_the_question_and_restarts_the_timer() -> None:
    lifetime = make_lifetime()
    lifetime.take_notices(START_S + STILL_S, 0)
    answered_s = START_S + STILL_S + IDLE_ANSWER_S
    lifetime.touch(answered_s)
    assert lifetime.pending_question() == []
    assert not lifetime.has_ended(answered_s + IDLE_ANSWER_S + 1)
    assert lifetime.take_notices(answered_s + STILL_S - 1, 0) == []
    assert lifetime.take_notices(answered_s + STILL_S, 0) == [LifetimeNotice.STILL_THERE]
    assert lifetime.has_ended(answered_s + STILL_S + IDLE_ANSWER_S + 1)


def test_later_stream_gets_the_pending_question() -> None:
    lifetime = make_lifetime()
    assert lifetime.pending_question() == []
    lifetime.take_notices(START_S + STILL_S, 0)
    assert lifetime.pending_question() == [LifetimeNotice.STILL_THERE]
    assert lifetime.pending_question() == [LifetimeNotice.STILL_THERE]


def test_session_ends_without_an_answer_in_time() -> None:
    lifetime = make_lifetime()
    asked_s = START_S + STILL_S + 50
    lifetime.take_notices(asked_s, 0)
    assert not lifetime.has_ended(asked_s + IDLE_ANSWER_S)
    assert lifetime.has_ended(asked_s + IDLE_ANSWER_S + 1)


def test_repeated_notices_do_not_extend_the_deadline() -> None:
    lifetime = make_lifetime()
    asked_s = START_S + STILL_S
    lifetime.take_notices(asked_s, 0)
    lifetime.take_notices(asked_s + IDLE_ANSWER_S, 0)
    assert lifetime.has_ended(asked_s + IDLE_ANSWER_S + 1)


def test_session_does_not_end_before_the_question_was_sent() -> None:
    assert not make_lifetime().has_ended(START_S + SESSION_LIFE_S)


def test_due_question_that_was_not_sent_has_no_deadline() -> None:
    lifetime = make_lifetime()
    assert LifetimeNotice.STILL_THERE in lifetime.due(START_S + STILL_S, 0)
    assert lifetime.pending_question() == []
    assert not lifetime.has_ended(START_S + STILL_S + IDLE_ANSWER_S + 1)


# The end


def test_session_ends_at_its_maximum_age() -> None:
    lifetime = never_asked()
    lifetime.touch(START_S + SESSION_LIFE_S)
    assert lifetime.ends_s == START_S + SESSION_LIFE_S
    assert not lifetime.has_ended(lifetime.ends_s)
    assert lifetime.has_ended(lifetime.ends_s + 1)


def test_end_of_session_is_announced_once() -> None:
    lifetime = never_asked()
    announced_s = lifetime.ends_s - END_NOTICE_S
    assert lifetime.take_notices(announced_s - 1, 0) == []
    assert lifetime.take_notices(announced_s, 0) == [LifetimeNotice.ENDS_SOON]
    lifetime.touch(announced_s)
    assert lifetime.take_notices(lifetime.ends_s, 0) == []


# The visitor's own limit


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
def test_own_limit_is_reached_by_time_or_by_bytes(
    limit: OwnLimit, here_s: float, traffic_bytes: int, is_reached: bool
) -> None:
    assert limit.is_reached(here_s, traffic_bytes) is is_reached


def test_own_time_limit_counts_from_the_session_start() -> None:
    lifetime = never_asked(OwnLimit(after_s=900))
    lifetime.touch(START_S + 800)
    assert lifetime.take_notices(START_S + 899, 0) == []
    assert lifetime.take_notices(START_S + 900, 0) == [LifetimeNotice.OWN_LIMIT]
    lifetime.touch(START_S + 901)
    assert lifetime.take_notices(START_S + 902, 0) == []


def test_own_traffic_limit_is_announced_once_without_effect() -> None:
    lifetime = never_asked(OwnLimit(after_bytes=100))
    assert lifetime.take_notices(START_S, 99) == []
    assert lifetime.take_notices(START_S, 100) == [LifetimeNotice.OWN_LIMIT]
    assert lifetime.take_notices(START_S, 500) == []
    assert not lifetime.has_ended(lifetime.ends_s)


def test_changed_limit_is_announced_again() -> None:
    lifetime = never_asked(OwnLimit(after_bytes=100))
    lifetime.take_notices(START_S, 100)
    lifetime.set_limit(OwnLimit(after_bytes=200))
    assert lifetime.take_notices(START_S, 199) == []
    assert lifetime.take_notices(START_S, 200) == [LifetimeNotice.OWN_LIMIT]


def test_limit_already_reached_is_announced_at_once() -> None:
    lifetime = never_asked()
    lifetime.set_limit(OwnLimit(after_s=60))
    assert lifetime.take_notices(START_S + 7_200, 0) == [LifetimeNotice.OWN_LIMIT]


def test_removed_limit_gives_no_notice() -> None:
    lifetime = never_asked(OwnLimit(after_s=60, after_bytes=100))
    lifetime.set_limit(NEVER)
    assert lifetime.take_notices(START_S + 7_200, 10**9) == []


def test_setting_a_limit_affects_no_other_notice() -> None:
    lifetime = make_lifetime()
    lifetime.take_notices(lifetime.ends_s - END_NOTICE_S, 0)
    lifetime.set_limit(NEVER)
    assert lifetime.pending_question() == [LifetimeNotice.STILL_THERE]
    assert lifetime.take_notices(lifetime.ends_s - END_NOTICE_S + 1, 0) == []


# All notices


def test_all_notices_due_at_once_are_sent_together() -> None:
    lifetime = make_lifetime(OwnLimit(after_s=60))
    assert lifetime.due(START_S, 0) == frozenset()
    assert lifetime.take_notices(lifetime.ends_s, 0) == [
        LifetimeNotice.STILL_THERE,
        LifetimeNotice.ENDS_SOON,
        LifetimeNotice.OWN_LIMIT,
    ]
    assert lifetime.take_notices(lifetime.ends_s, 0) == []
    assert lifetime.due(lifetime.ends_s, 0) == frozenset(LifetimeNotice)


def test_choices_include_the_default_and_no_limit() -> None:
    assert (IDLE_QUESTION_MINUTES[0], IDLE_QUESTION_MINUTES[-1]) == (10, 120)
    assert list(IDLE_QUESTION_MINUTES) == sorted(IDLE_QUESTION_MINUTES)
    assert IDLE_QUESTION_S == 30 * 60
    assert 30 in IDLE_QUESTION_MINUTES
    assert Lifetime(started_s=0, touched_s=0).idle_question_after_s == IDLE_QUESTION_S
    assert (OWN_LIMIT_MINUTES[0], OWN_LIMIT_KIB[0]) == (0, 0)


LIMITS = st.builds(
    OwnLimit, st.sampled_from([0, STILL_S, 4 * STILL_S]), st.sampled_from([0, 3, 30])
)
STEPS = st.one_of(
    st.sampled_from(["touch", "take"]),
    st.sampled_from([1, IDLE_ANSWER_S, STILL_S - 1, STILL_S, END_NOTICE_S, SESSION_LIFE_S // 3]),
    LIMITS,
)


@given(LIMITS, st.lists(STEPS, max_size=40))
def test_notices_agree_with_a_naive_model(
    limit: OwnLimit, steps: list[str | int | OwnLimit]
) -> None:
    lifetime = make_lifetime(limit)
    now_s = touched_s = START_S
    asked_s: int | None = None
    unsent = set(LifetimeNotice)  # notices that would be sent if they applied
    for traffic_bytes, step in enumerate(steps):
        if isinstance(step, int):
            now_s += step
        elif isinstance(step, OwnLimit):
            limit = step
            lifetime.set_limit(limit)
            unsent.add(LifetimeNotice.OWN_LIMIT)
        elif step == "touch":
            lifetime.touch(now_s)
            touched_s, asked_s = now_s, None
            unsent.add(LifetimeNotice.STILL_THERE)
        else:
            sent = lifetime.take_notices(now_s, traffic_bytes)
            assert set(sent) == unsent & model_due(limit, now_s, touched_s, traffic_bytes)
            assert len(sent) == len(set(sent))
            unsent -= set(sent)
            asked_s = now_s if LifetimeNotice.STILL_THERE in sent else asked_s
        applies = model_due(limit, now_s, touched_s, traffic_bytes)
        assert lifetime.due(now_s, traffic_bytes) == applies
        assert lifetime.pending_question() == [LifetimeNotice.STILL_THERE][: asked_s is not None]
        unanswered = asked_s is not None and now_s > asked_s + IDLE_ANSWER_S
        assert lifetime.has_ended(now_s) is (unanswered or now_s > START_S + SESSION_LIFE_S)


def model_due(
    limit: OwnLimit, now_s: int, touched_s: int, traffic_bytes: int
) -> set[LifetimeNotice]:
    due = set()
    if now_s >= touched_s + STILL_S:
        due.add(LifetimeNotice.STILL_THERE)
    if now_s + END_NOTICE_S >= START_S + SESSION_LIFE_S:
        due.add(LifetimeNotice.ENDS_SOON)
    if limit.after_s and now_s >= START_S + limit.after_s:
        due.add(LifetimeNotice.OWN_LIMIT)
    if limit.after_bytes and traffic_bytes >= limit.after_bytes:
        due.add(LifetimeNotice.OWN_LIMIT)
    return due
