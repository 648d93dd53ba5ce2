"""The wall clock returns the minute of the day with an offset that hides the machine's clock."""

from __future__ import annotations

import pytest

from server.core.limits import WALL_CLOCK_SHIFT_S
from server.core.meeting_hours import DAY_MINUTES
from server.web.wallclock import WallClock

NOON_S = 20_000 * 86_400 + 12 * 3_600.0
"""Noon of a day in 2024, in UTC."""


def test_offset_is_within_the_limit() -> None:
    minutes = {WallClock(lambda: NOON_S)() for _ in range(200)}
    most = WALL_CLOCK_SHIFT_S // 60
    assert min(minutes) >= 12 * 60 - most
    assert max(minutes) <= 12 * 60 + most


@pytest.mark.checklist(22)
def test_each_clock_has_its_own_offset() -> None:
    assert len({WallClock(lambda: NOON_S)() for _ in range(200)}) > 1


def test_clock_advances_evenly_and_wraps_at_midnight() -> None:
    now_s = NOON_S
    clock = WallClock(lambda: now_s)
    start = clock()
    for minute in range(DAY_MINUTES + 1):
        now_s = NOON_S + 60 * minute
        assert clock() == (start + minute) % DAY_MINUTES
