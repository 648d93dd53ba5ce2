"""Throttles the demo's visitors: full speed, or the slow connection that many readers have.

The rate limit is set in the client's tor itself. So everything through it is slow in the way that
Tor is on a slow connection: cells, new circuits, the directory. The client's SOCKS port, which is
printed and written into every profile, does not change, and no proxy of ours is in between.
"""

from __future__ import annotations

from typing import Protocol

from onion import OnionError
from server.supervisor.report import Report

SLOW_BYTES_PER_S = 2_500
"""20 kbit/s in each direction."""


class Throttled(Protocol):
    """What can be throttled: the client of a private network."""

    def limit_client(self, bytes_per_s: int | None) -> None:
        """Limit the client to this many bytes per second; `None` removes the limit."""


class Throttle:
    """Switches the client between slow and full speed.

    Args:
        network: not limited at first.
        report: receives each change.
    """

    def __init__(self, network: Throttled, report: Report) -> None:
        self._network, self._report = network, report
        self._is_slow = False

    def toggle(self) -> None:
        """Switch between slow and full speed. A failure is reported, and changes nothing."""
        will_be_slow = not self._is_slow
        try:
            self._network.limit_client(SLOW_BYTES_PER_S if will_be_slow else None)
        except OnionError as error:
            self._report.note(f"the speed is unchanged: {error}")
            return
        self._is_slow = will_be_slow
        slow = "Tor is slow now: 20 kbit/s for all visitors together; press s for full speed"
        self._report.note(slow if will_be_slow else "Tor is back at full speed")
