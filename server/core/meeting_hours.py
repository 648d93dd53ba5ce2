"""Meeting hours: times configured by the operator at which visitors usually come, daily.

A service with few visitors is less lonely if they come at the same time. A page shows how far away
the next hour is, never a time of day, which would require and reveal a time zone.
"""

from __future__ import annotations

from dataclasses import dataclass

HOUR_MINUTES = 60
DAY_MINUTES = 24 * HOUR_MINUTES


@dataclass(frozen=True, slots=True)
class MeetingHour:
    """One meeting hour of any length; it may pass midnight.

    Raises:
        ValueError: if a minute is out of range, or the hour would end where it begins.
    """

    from_minute: int
    """Its first minute, from 0 to 1439, counted from midnight."""

    until_minute: int
    """The first minute after it."""

    def __post_init__(self) -> None:
        minutes = (self.from_minute, self.until_minute)
        if not all(0 <= minute < DAY_MINUTES for minute in minutes) or len(set(minutes)) == 1:
            raise ValueError("not a valid meeting hour")

    def minutes_until(self, minute_of_day: int) -> int:
        """Return the minutes until it begins; 0 while it lasts."""
        length = (self.until_minute - self.from_minute) % DAY_MINUTES
        elapsed = (minute_of_day - self.from_minute) % DAY_MINUTES
        return 0 if elapsed < length else DAY_MINUTES - elapsed


@dataclass(frozen=True, slots=True)
class MeetingHours:
    """All meeting hours of a day; they may overlap."""

    hours: tuple[MeetingHour, ...] = ()

    def minutes_until(self, minute_of_day: int) -> int | None:
        """Return the minutes until the next one begins; 0 during one, `None` if there are none."""
        return min((hour.minutes_until(minute_of_day) for hour in self.hours), default=None)

    def hours_until(self, minute_of_day: int) -> int | None:
        """Return the hours until the next one begins, rounded, but 0 only during one.

        Args:
            minute_of_day: from 0 to 1439, counted from midnight.
        """
        minutes = self.minutes_until(minute_of_day)
        if not minutes:
            return minutes
        return max(1, (minutes + HOUR_MINUTES // 2) // HOUR_MINUTES)
