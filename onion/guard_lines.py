"""Tor's connections to the relays it knows: whether there is one, and how often it tried in vain.

A tor of a service has one or two, to its guards or bridges. When all are gone, it cannot build a
circuit. A tor that has run for a while then counts its guards as down and comes back to them only
after minutes, even when the network is there again; a tor that was just started tries one after
the other, each second. So a tor without a line is best started anew (see decision 39).

A line can also be open and dead, when the network drops what is sent. tor and its guard exchange
padding every few seconds, so a tor that reads nothing for half a minute has such a line.

Source: control-spec, ORCONN and `traffic/read`; padding-spec, "Connection-level padding".
"""

from __future__ import annotations

import re

VAIN_LAUNCHES = 5
"""A single launch may be slow, through a bridge. So many without success are not slow."""

QUIET_S = 30.0
CELL_BYTES = 514
"""What is read between two questions and is less comes from the control connection."""

ALARM_EVERY_S = 600.0
"""Somebody may have switched padding off: then a service without visitors is quiet all the time."""

_ORCONN = re.compile(r"ORCONN \S+ (?P<status>[A-Z]+)\b.*\bID=(?P<id>\d+)")


class GuardLines:
    """The open connections of one tor."""

    def __init__(self) -> None:
        self._open: set[str] = set()
        self.launches_in_vain = 0
        """How often one was launched since the last that was opened."""

    @property
    def is_open(self) -> bool:
        """Whether there is one."""
        return bool(self._open)

    def note(self, line: str) -> bool:
        """Take an event line; return whether a connection was opened or has ended."""
        found = _ORCONN.match(line)
        if found is None:
            return False
        if found["status"] == "LAUNCHED":
            self.launches_in_vain += 1
            return False
        before = len(self._open)
        if found["status"] == "CONNECTED":
            self._open.add(found["id"])
            self.launches_in_vain = 0
        elif found["status"] in {"CLOSED", "FAILED"}:
            self._open.discard(found["id"])
        return len(self._open) != before


class NetworkTraffic:
    """Tells when tor has read nothing from its network for too long."""

    def __init__(self) -> None:
        self._read_bytes = 0
        self._alive_s: float | None = None
        self._alarm_s = float("-inf")
        self.is_quiet = False
        """Whether nothing was read for `QUIET_S` when it was noted last."""

    def note(self, read_bytes: int, now_s: float) -> bool:
        """Take how much tor has read since its start; return whether that is an alarm."""
        is_alive = read_bytes - self._read_bytes >= CELL_BYTES
        self._read_bytes = read_bytes
        if is_alive or self._alive_s is None:
            self._alive_s = now_s
        self.is_quiet = now_s - self._alive_s >= QUIET_S
        if not self.is_quiet or now_s - self._alarm_s < ALARM_EVERY_S:
            return False
        self._alarm_s = now_s
        return True


def has_line(orconn_status: str) -> bool:
    """Whether the answer to `GETINFO orconn-status` lists an open connection."""
    return any(line.endswith(" CONNECTED") for line in orconn_status.splitlines())
