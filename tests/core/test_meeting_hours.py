"""The distance to the next meeting hour agrees with counting minute by minute."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.meeting_hours import DAY_MINUTES, MeetingHour, MeetingHours

EVENING = MeetingHour(18 * 60, 22 * 60)
NIGHT = MeetingHour(23 * 60, 60)

minutes = st.integers(0, DAY_MINUTES - 1)
spans = st.tuples(minutes, minutes).filter(lambda span: span[0] != span[1])


@pytest.mark.parametrize(
    ("minute", "until"),
    [
        (0, 0),
        (59, 0),
        (60, 17 * 60),
        (18 * 60 - 1, 1),
        (18 * 60, 0),
        (22 * 60 - 1, 0),
        (22 * 60, 60),
        (23 * 60, 0),
        (DAY_MINUTES - 1, 0),
    ],
)
def test_hour_includes_its_start_and_may_pass_midnight(minute: int, until: int) -> None:
    assert MeetingHours((EVENING, NIGHT)).minutes_until(minute) == until


def test_without_hours_there_is_no_distance() -> None:
    assert MeetingHours().minutes_until(0) is None
    assert MeetingHours().hours_until(0) is None


@pytest.mark.parametrize(
    ("before", "hours"), [(0, 0), (1, 1), (29, 1), (89, 1), (90, 2), (149, 2), (150, 3)]
)
def test_distance_is_rounded_to_hours_and_0_only_during_one(before: int, hours: int) -> None:
    assert MeetingHours((EVENING,)).hours_until(18 * 60 - before) == hours


@pytest.mark.parametrize("span", [(0, 0), (-1, 5), (5, DAY_MINUTES), (DAY_MINUTES, 5), (5, -1)])
def test_invalid_hour_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not a valid meeting hour"):
        MeetingHour(*span)


def lasts(span: tuple[int, int], minute: int) -> bool:
    begins, ends = span
    if begins < ends:
        return begins <= minute < ends
    return minute >= begins or minute < ends


@given(st.lists(spans, max_size=4), minutes)
def test_distance_agrees_with_counting_minutes(found: list[tuple[int, int]], now: int) -> None:
    waits = [
        waited
        for waited in range(DAY_MINUTES)
        if any(lasts(span, (now + waited) % DAY_MINUTES) for span in found)
    ]
    hours = MeetingHours(tuple(MeetingHour(*span) for span in found))
    assert hours.minutes_until(now) == (waits[0] if waits else None)
