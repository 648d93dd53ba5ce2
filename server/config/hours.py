"""Reads the meeting hours from the `[[hours]]` tables of a configuration."""

from __future__ import annotations

import re

from server.config.values import Table, check_keys, invalid, read_tables
from server.core.limits import MAX_MEETING_HOURS
from server.core.meeting_hours import HOUR_MINUTES, MeetingHour, MeetingHours

KEYS = frozenset({"from", "until"})

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def read_hours(value: object) -> MeetingHours:
    """Read `[[hours]]`.

    Raises:
        OperatorError: for the first invalid value; the hint names its key.
    """
    tables = read_tables(value, "hours", max_tables=MAX_MEETING_HOURS)
    return MeetingHours(tuple(_read_hour(table, within) for table, within in tables))


def _read_hour(table: Table, within: str) -> MeetingHour:
    check_keys(table, KEYS, within)
    start, end = (_read_minute(table, key, within) for key in ("from", "until"))
    if start == end:
        # It could mean the whole day or no time at all, and neither is a meeting hour.
        raise invalid(f"{within}until", "equals `from`", "a later time; it may pass midnight")
    return MeetingHour(start, end)


def _read_minute(table: Table, key: str, within: str) -> int:
    value = table.get(key)
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        hint = 'in quotes, in UTC, from "00:00" to "23:59"'
        raise invalid(f"{within}{key}", "is not a time of day", hint)
    hours, minutes = match.groups()
    return int(hours) * HOUR_MINUTES + int(minutes)
