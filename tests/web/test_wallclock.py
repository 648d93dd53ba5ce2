"""The wall clock tells the minute of the day, and not how wrong the machine's own is."""

from __future__ import annotations

import pytest

from server.core.limits import WALL_CLOCK_SHIFT_S
from server.core.meeting_hours import DAY_MINUTES
from server.web.wallclock import WallClock

NOON_S = 20_000 * 86_400 + 12 * 3_600.0
"""Noon of a day in 2024, in UTC."""


def test_clock_is_wrong_by_no_more_than_its_shift() -> None:
    told = {WallClock(lambda: NOON_S)() for _ in range(200)}
    most = WALL_CLOCK_SHIFT_S // 60
    assert min(told) >= 12 * 60 - most
    assert max(told) <= 12 * 60 + most


@pytest.mark.checklist(22)
def test_each_clock_is_wrong_in_its_own_way() -> None:
    assert len({WallClock(lambda: NOON_S)() for _ in range(200)}) > 1


def test_clock_goes_on_evenly_and_begins_anew_at_midnight() -> None:
    now_s = NOON_S
    clock = WallClock(lambda: now_s)
    began = clock()
    for minute in range(DAY_MINUTES + 1):
        now_s = NOON_S + 60 * minute
        assert clock() == (began + minute) % DAY_MINUTES
