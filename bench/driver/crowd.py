"""A crowd in one room or in two: what its streams take of memory, and of a core when idle."""

from __future__ import annotations

import time

from bench.children import resident_kib, spent_s
from bench.figures import Crowd
from server.core.limits import HEARTBEAT_S

from .coming import Coming
from .speaking import RoomFanout, say_alone, say_fast
from .swarm import Swarm
from .way import Way

SPARE = 40
"""Places that are left in the first room for those who come while it is measured."""

IDLE_S = HEARTBEAT_S + 2
"""Each stream has one heartbeat in it. After a message they may all come near its end."""


class CrowdRun:
    """The rooms of one server, filled one after the other.

    Args:
        swarm: the streams.
        way: how one comes in.
        pid: the server.
    """

    def __init__(self, swarm: Swarm, way: Way, pid: int) -> None:
        self._swarm, self._way, self._pid = swarm, way, pid
        self._rooms: dict[str, int] = {}
        """Streams in each."""

        self._kib = 0
        """Of all streams, before anything was said."""

        self._open_s = 0.0
        self._coming: Coming | None = None

    def fill(self, room: str, people: int) -> None:
        """Let people come, then open their streams."""
        requests = self._way.fill(room, people)
        if self._coming is None:
            self._coming = Coming(self._swarm, self._way.joining(room), SPARE)
        # What the sessions and their keys take is not what their streams take.
        before_kib, began_s = resident_kib(self._pid), time.perf_counter()
        self._rooms[room] = len(self._swarm.open(requests))
        self._open_s = time.perf_counter() - began_s
        self._swarm.settle()
        self._kib += resident_kib(self._pid) - before_kib

    def measure(self) -> Crowd:
        """Speak in all rooms."""
        assert self._coming is not None
        audience = RoomFanout(self._swarm, self._way, self._rooms, self._coming, self._pid)
        before_kib = resident_kib(self._pid)
        alone, fast = say_alone(audience), say_fast(audience)
        grown_kib, streams = resident_kib(self._pid) - before_kib, len(self._swarm)
        return Crowd(
            streams=streams,
            open_s=self._open_s,
            kib=self._kib / streams,
            kib_after=(self._kib + grown_kib) / streams,
            to_all=alone,
            deliveries_per_s=fast.deliveries / fast.took_s,
            us=1e6 * fast.load.server * fast.took_s / fast.deliveries,
            fast=fast.load,
        )

    def idle(self) -> float:
        """What the server takes of a core while nobody speaks, comes or goes."""
        began_s, until_s = spent_s(self._pid), time.perf_counter() + IDLE_S
        while (left_s := until_s - time.perf_counter()) > 0:
            self._swarm.turn(left_s)
        return (spent_s(self._pid) - began_s) / IDLE_S
