"""The visitors' line in the demo: as fast as it goes, or as slow as it is for many readers.

The client's tor itself is held to a rate, so that whatever goes through it is slow in the way that
Tor is over such a line: cells, new circuits, the directory. Its SOCKS port, which is printed and
stands in every profile, is the same before and after, and nothing of ours listens in between.
"""

from __future__ import annotations

from typing import Protocol

from onion import OnionError
from server.supervisor.report import Report

SLOW_BYTES_PER_S = 2_500
"""20 kbit/s, each way."""


class Line(Protocol):
    """What can be slowed: a private network, at its client."""

    def limit_client(self, bytes_per_s: int | None) -> None:
        """Let so many bytes pass in a second, or as many as can."""


class SlowLine:
    """Turns a line from fast to slow, and back.

    Args:
        line: fast, to begin with.
        report: is told how it is now.
    """

    def __init__(self, line: Line, report: Report) -> None:
        self._line, self._report = line, report
        self._is_slow = False

    def turn(self) -> None:
        """Make it slow if it is fast, and fast if it is slow; if it cannot be, that is told."""
        will_be_slow = not self._is_slow
        try:
            self._line.limit_client(SLOW_BYTES_PER_S if will_be_slow else None)
        except OnionError as error:
            self._report.note(f"the line stays as it is: {error}")
            return
        self._is_slow = will_be_slow
        slow = "the line is slow: 20 kbit/s for all visitors together; s makes it fast again"
        self._report.note(slow if will_be_slow else "the line is fast again")
