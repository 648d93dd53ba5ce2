"""Durations as others see them: drawn or rounded, so that they show no clock.

A clock runs fast or slow by some parts in a million. By how many differs from one machine to the
next, and with its temperature. Whoever can time something that a server repeats exactly can
recognise the machine, also under another address. Of drawn durations only the average could be
measured, and that converges slowly.

Source: Kohno, Broido, Claffy, Remote Physical Device Fingerprinting (2005); Murdoch, Hot or Not:
Revealing Hidden Services by their Clock Skew (2006).
"""

from __future__ import annotations

import secrets
from enum import Enum

_STEPS = 1_000_000
_TOLERANCE_S = 0.001


def drawn_between(low_s: float, high_s: float) -> float:
    """Draw a duration in seconds, from `low_s` to `high_s`, each equally likely."""
    return low_s + (high_s - low_s) * secrets.randbelow(_STEPS + 1) / _STEPS


def whole(duration_s: float, unit_s: float) -> int:
    """Return how many whole units a duration has; a millisecond less than a unit counts as one.

    Differences of two readings of a clock are rounded, by more the longer the machine has been
    running. Without a tolerance the same duration would be shown as 720 minutes after one uptime
    and as 719 after another.
    """
    return int((duration_s + _TOLERANCE_S) // unit_s)


class RoughUnit(Enum):
    """A unit in which people name durations."""

    MINUTE = "minute"
    HOUR = "hour"


ROUGH_MINUTES = (1, 2, 3, 4, 5, 10, 15, 20, 30, 45)
"""The minutes that people name when they do not look at a clock."""


def rough(duration_s: float) -> tuple[int, RoughUnit]:
    """Return a duration as a person would say it.

    Returns:
        The nearest of `ROUGH_MINUTES` in minutes, or of the whole numbers in hours. Less than a
        minute: 0 minutes. A duration in the middle of two counts as the longer one.
    """
    minutes = (duration_s + _TOLERANCE_S) / 60
    if minutes < 1:
        return 0, RoughUnit.MINUTE
    if minutes >= (ROUGH_MINUTES[-1] + 60) / 2:
        return max(1, int(minutes / 60 + 0.5)), RoughUnit.HOUR
    distances = {number: abs(number - minutes) for number in reversed(ROUGH_MINUTES)}
    return min(distances, key=distances.__getitem__), RoughUnit.MINUTE


def rough_s(duration_s: float) -> int:
    """Return a duration in seconds, rounded to what `rough` says of it: 0 for less than a minute.

    It changes only when the words do, so that it can be compared in their place.
    """
    number, unit = rough(duration_s)
    return number * (3_600 if unit is RoughUnit.HOUR else 60)
