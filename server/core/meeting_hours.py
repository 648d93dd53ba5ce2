"""When people usually come: meeting hours that an operator named, the same on every day.

A house where few come at once is less lonely when they come at the same time. What a visitor is
told is how far away that is, never a time of day: that would need a time zone, and tell one.
"""

from __future__ import annotations

from dataclasses import dataclass

HOUR_MINUTES = 60
DAY_MINUTES = 24 * HOUR_MINUTES


@dataclass(frozen=True, slots=True)
class MeetingHour:
    """One meeting hour, however long; it may pass midnight.

    Raises:
        ValueError: if a minute is none of a day, or the hour would end where it begins.
    """

    from_minute: int
    """Its first minute, counted from midnight."""

    until_minute: int
    """The first minute after it."""

    def __post_init__(self) -> None:
        minutes = (self.from_minute, self.until_minute)
        if not all(0 <= minute < DAY_MINUTES for minute in minutes) or len(set(minutes)) == 1:
            raise ValueError("no meeting hour")

    def minutes_until(self, minute_of_day: int) -> int:
        """Minutes until it begins again; 0 while it lasts."""
        lasts = (self.until_minute - self.from_minute) % DAY_MINUTES
        gone = (minute_of_day - self.from_minute) % DAY_MINUTES
        return 0 if gone < lasts else DAY_MINUTES - gone


@dataclass(frozen=True, slots=True)
class MeetingHours:
    """All meeting hours of a day; they may overlap."""

    hours: tuple[MeetingHour, ...] = ()

    def minutes_until(self, minute_of_day: int) -> int | None:
        """Minutes until the next begins; 0 during one, `None` when there are none."""
        return min((hour.minutes_until(minute_of_day) for hour in self.hours), default=None)

    def hours_until(self, minute_of_day: int) -> int | None:
        """The same in hours, as a visitor is told: the nearest whole number, but 0 only during one.

        Args:
            minute_of_day: from 0 to 1439, counted from midnight.
        """
        minutes = self.minutes_until(minute_of_day)
        if not minutes:
            return minutes
        return max(1, (minutes + HOUR_MINUTES // 2) // HOUR_MINUTES)
