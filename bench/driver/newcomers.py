"""Lets a new member join each second, while others are measured."""

from __future__ import annotations

import time

from .line import Line, is_accepted
from .swarm import Swarm

EVERY_S = 1.0


class Newcomers:
    """Reads the streams as the swarm does, and sends a join each second meanwhile.

    Args:
        swarm: the streams.
        request: makes a new member join a room, which its other members are notified of.
        most: joins that the room has space for.
    """

    def __init__(self, swarm: Swarm, request: bytes, most: int) -> None:
        self._swarm, self._request, self._left = swarm, request, most
        self._line = Line(swarm)
        self._next_s = time.perf_counter()

    def turn(self, wait_s: float) -> None:
        """See `Swarm.turn`."""
        now_s = time.perf_counter()
        if self._left and self._line.is_free:
            if now_s >= self._next_s:
                self._line.send(self._request, is_accepted)
                self._left -= 1
                # Joins that a pause left out are not made up for.
                self._next_s = max(self._next_s, now_s - EVERY_S) + EVERY_S
            wait_s = min(wait_s, self._next_s - now_s)
        self._swarm.turn(wait_s)
