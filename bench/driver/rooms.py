"""One large room or two: what their streams cost in memory, and of a core when idle."""

from __future__ import annotations

import time

from bench.children import resident_kib, spent_s
from bench.figures import RoomFigures
from server.core.limits import HEARTBEAT_S

from .fanout import RoomFanout, measure_delays, measure_throughput
from .newcomers import Newcomers
from .swarm import Swarm
from .target import Target

SPARE = 40
"""Places in the first room for the members that join while it is measured."""

IDLE_S = HEARTBEAT_S + 2
"""Long enough for one heartbeat of each stream; after a message they may all come near its end."""


class RoomsRun:
    """The rooms of one server, filled one after the other.

    Args:
        swarm: the streams.
        target: how members join and post.
        pid: the server.
    """

    def __init__(self, swarm: Swarm, target: Target, pid: int) -> None:
        self._swarm, self._target, self._pid = swarm, target, pid
        self._rooms: dict[str, int] = {}
        """Streams in each."""

        self._kib = 0
        """Of all streams, before any message."""

        self._open_s = 0.0
        self._newcomers: Newcomers | None = None

    def fill(self, room: str, people: int) -> None:
        """Let members join, then open their streams."""
        requests = self._target.fill(room, people)
        if self._newcomers is None:
            self._newcomers = Newcomers(self._swarm, self._target.join_request(room), SPARE)
        # Sessions and their keys are in memory by now: only the streams are measured.
        before_kib, began_s = resident_kib(self._pid), time.perf_counter()
        self._rooms[room] = len(self._swarm.open(requests))
        self._open_s = time.perf_counter() - began_s
        self._swarm.settle()
        self._kib += resident_kib(self._pid) - before_kib

    def measure(self) -> RoomFigures:
        """Post messages in all rooms."""
        assert self._newcomers is not None
        fanout = RoomFanout(self._swarm, self._target, self._rooms, self._newcomers, self._pid)
        before_kib = resident_kib(self._pid)
        alone, busy = measure_delays(fanout), measure_throughput(fanout)
        grown_kib, streams = resident_kib(self._pid) - before_kib, len(self._swarm)
        return RoomFigures(
            streams=streams,
            open_s=self._open_s,
            kib=self._kib / streams,
            kib_after=(self._kib + grown_kib) / streams,
            to_all=alone,
            deliveries_per_s=busy.deliveries / busy.took_s,
            us=1e6 * busy.load.server * busy.took_s / busy.deliveries,
            busy=busy.load,
        )

    def idle(self) -> float:
        """The server's share of a core while nobody posts, joins or leaves."""
        began_s, until_s = spent_s(self._pid), time.perf_counter() + IDLE_S
        while (left_s := until_s - time.perf_counter()) > 0:
            self._swarm.turn(left_s)
        return (spent_s(self._pid) - began_s) / IDLE_S
