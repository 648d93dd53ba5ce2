"""The period of a constant-rate stream: near the one that was chosen, and drawn anew at times.

See `core/durations.py` for the reason. The average of 12 hours of cells, two seconds apart, differs
from the chosen period by some 800 parts in a million. Clocks differ by less than a tenth of that.
"""

from __future__ import annotations

import secrets

from server.core.durations import drawn_between

RATE_SHARE = 0.04
"""The most by which the period differs from the chosen one, as a share of it."""

KEPT_TICKS = range(10, 31)
"""For how many ticks a drawn period is kept."""


class DrawnPeriod:
    """The seconds between two ticks of one stream: near the chosen ones, and drawn anew at times.

    Args:
        chosen_s: what the reader has chosen.
    """

    __slots__ = ("_chosen_s", "_ticks_left", "_value_s")

    def __init__(self, chosen_s: float) -> None:
        self._chosen_s = chosen_s
        self._ticks_left = 0
        self._value_s = chosen_s

    def next_s(self) -> float:
        """Return the seconds until the next tick."""
        if self._ticks_left == 0:
            share = RATE_SHARE * self._chosen_s
            self._value_s = drawn_between(self._chosen_s - share, self._chosen_s + share)
            self._ticks_left = KEPT_TICKS.start + secrets.randbelow(len(KEPT_TICKS))
        self._ticks_left -= 1
        return self._value_s
