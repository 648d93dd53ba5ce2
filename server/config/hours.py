"""Reads the meeting hours from the tables of a configuration."""

from __future__ import annotations

import re

from server.config.values import Table, read_tables, refuse_unknown, wrong
from server.core.limits import MAX_MEETING_HOURS
from server.core.meeting_hours import HOUR_MINUTES, MeetingHour, MeetingHours

KEYS = frozenset({"from", "until"})

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def read_hours(value: object) -> MeetingHours:
    """Read `[[hours]]`.

    Raises:
        OperatorError: for the first thing that is wrong; the hint names its key.
    """
    tables = read_tables(value, "hours", most=MAX_MEETING_HOURS)
    return MeetingHours(tuple(_read_hour(table, within) for table, within in tables))


def _read_hour(table: Table, within: str) -> MeetingHour:
    refuse_unknown(table, KEYS, within)
    begins, ends = (_read_minute(table, key, within) for key in ("from", "until"))
    if begins == ends:
        # The whole day is no meeting hour; and what else it could mean is nothing.
        raise wrong(f"{within}until", "is when it begins", "a later time; it may pass midnight")
    return MeetingHour(begins, ends)


def _read_minute(table: Table, key: str, within: str) -> int:
    value = table.get(key)
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        hint = 'in quotes, in UTC, from "00:00" to "23:59"'
        raise wrong(f"{within}{key}", "is no time of day", hint)
    hours, minutes = found.groups()
    return int(hours) * HOUR_MINUTES + int(minutes)
