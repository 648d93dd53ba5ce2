"""The wall clock: the minute of the day, for display only, with an offset that hides the clock."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from server.core.limits import WALL_CLOCK_SHIFT_S
from server.core.meeting_hours import DAY_MINUTES


class WallClock:
    """Returns the minute of the day in UTC, off by up to `WALL_CLOCK_SHIFT_S` in either direction.

    The moment at which the number on a page changes would reveal the machine's clock to the
    second, and the error of that clock can identify one machine among all others. Each instance
    therefore has a random offset of its own, drawn when the program starts.

    Args:
        now_s: seconds since 1970, in UTC.
    """

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s = now_s
        self._shift_s = secrets.randbelow(2 * WALL_CLOCK_SHIFT_S + 1) - WALL_CLOCK_SHIFT_S

    def __call__(self) -> int:
        """Return 0 to 1439. POSIX time has no leap seconds, so every day has the same length."""
        return int(self._now_s() + self._shift_s) // 60 % DAY_MINUTES
