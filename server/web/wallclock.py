"""The wall clock: the minute of the day, for people only, and not to be read off a page."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from server.core.limits import WALL_CLOCK_SHIFT_S
from server.core.meeting_hours import DAY_MINUTES


class WallClock:
    """Tells the minute of the day in UTC, wrong by up to `WALL_CLOCK_SHIFT_S` either way.

    The moment at which a page says another number than before would tell the machine's clock to
    the second, and by how much that is wrong can tell one machine from all others. So each clock
    goes wrong by an amount of its own, drawn when the program starts.

    Args:
        now_s: seconds since 1970, in UTC.
    """

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s = now_s
        self._shift_s = secrets.randbelow(2 * WALL_CLOCK_SHIFT_S + 1) - WALL_CLOCK_SHIFT_S

    def __call__(self) -> int:
        """From 0 to 1439. POSIX seconds know no leap seconds: each day has as many."""
        return int(self._now_s() + self._shift_s) // 60 % DAY_MINUTES
