"""Tor's connections to the relays it knows: whether there is one, and how often it tried in vain.

A tor of a service has one or two, to its guards or bridges. When all are gone, it cannot build a
circuit. A tor that has run for a while then counts its guards as down and comes back to them only
after minutes, even when the network is there again; a tor that was just started tries one after
the other, each second. So a tor without a line is best started anew (see decision 39).

Source: control-spec, ORCONN.
"""

from __future__ import annotations

import re

VAIN_LAUNCHES = 5
"""A single launch may be slow, through a bridge. So many without success are not slow."""

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


def has_line(orconn_status: str) -> bool:
    """Whether the answer to `GETINFO orconn-status` lists an open connection."""
    return any(line.endswith(" CONNECTED") for line in orconn_status.splitlines())
