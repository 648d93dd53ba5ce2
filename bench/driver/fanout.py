"""Measures the fan-out of rooms: delays of single messages, then the highest rate."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Load, Spread
from server.core.limits import CELL_BYTES

from .clocks import Moment, load
from .line import Line, is_accepted
from .newcomers import Newcomers
from .swarm import Swarm
from .target import Target

SINGLE_MESSAGES = 20
"""Messages that are sent one by one, each after the one before was delivered to all."""

SINGLE_EVERY_S = 0.3
MAX_SINGLE_S = 6.0
"""No more are sent after this time, so a slow server is measured with fewer."""

BURST_DELIVERIES = 200_000
"""About how many deliveries are made at the highest rate."""

MAX_BURST_S = 4.0

MAX_WAIT_S = 60.0
"""For one message to be delivered to all; after it something is broken."""


@dataclass(frozen=True, slots=True)
class RoomFanout:
    """The rooms that are measured, and the members that keep coming in."""

    swarm: Swarm
    target: Target
    rooms: Mapping[str, int]
    """Name of a room -> its streams."""

    newcomers: Newcomers
    pid: int
    """The server's process id."""

    def until(self, is_done: Callable[[], bool]) -> None:
        """Read until a condition holds, while new members come in.

        Raises:
            TimeoutError: if it does not hold in time.
        """
        until_s = time.perf_counter() + MAX_WAIT_S
        while not is_done():
            if time.perf_counter() > until_s:
                raise TimeoutError(
                    f"{self.swarm.delivered:,} messages, {len(self.swarm):,} streams"
                )
            self.newcomers.turn(0.05)

    def pause(self, until_s: float) -> None:
        """Read until this moment."""
        while (left_s := until_s - time.perf_counter()) > 0:
            self.newcomers.turn(left_s)


@dataclass(frozen=True, slots=True)
class Throughput:
    """What was delivered at the highest rate."""

    deliveries: float
    """In cells; those of joins are included."""

    took_s: float
    load: Load


def measure_delays(fanout: RoomFanout) -> Spread:
    """Measure the delay of single messages, from sending one to its arrival on each stream.

    Each is sent in all rooms at once.
    """
    swarm, rooms = fanout.swarm, fanout.rooms
    shots = list(zip(*(fanout.target.posts(room, SINGLE_MESSAGES) for room in rooms), strict=True))
    lines = [Line(swarm) for _ in rooms]
    delays: list[float] = []
    until_s = time.perf_counter() + MAX_SINGLE_S
    for shot in shots:
        if time.perf_counter() > until_s:
            break
        wanted, sent_s = swarm.delivered + sum(rooms.values()), time.perf_counter()
        swarm.on_mark = _noting(delays, sent_s)
        for line, request in zip(lines, shot, strict=True):
            line.send(request, is_accepted)
        fanout.until(_are_delivered(swarm, wanted, lines))
        fanout.pause(sent_s + SINGLE_EVERY_S)
    return Spread.of(delays)


def _noting(delays: list[float], sent_s: float) -> Callable[[int, float, int], None]:
    return lambda _stream, now_s, _count: delays.append(now_s - sent_s)


def measure_throughput(fanout: RoomFanout) -> Throughput:
    """Send many messages, by turns in each room; one is under way while the next is sent."""
    posts, swarm = _posts(fanout), fanout.swarm
    lines = [Line(swarm) for _ in range(2)]
    swarm.on_mark = None
    received, began = swarm.received, Moment.now(fanout.pid)
    wanted, last = swarm.delivered, 0
    for number, (request, readers) in enumerate(posts):
        line = lines[number % 2]
        fanout.until(_are_delivered(swarm, wanted - last, [line]))
        if time.perf_counter() > began.now_s + MAX_BURST_S:
            break
        line.send(request, is_accepted)
        wanted, last = wanted + readers, readers
    fanout.until(_are_delivered(swarm, wanted, lines))
    ended = Moment.now(fanout.pid)
    deliveries = (swarm.received - received) / CELL_BYTES
    return Throughput(deliveries, ended.now_s - began.now_s, load(began, ended))


def _are_delivered(swarm: Swarm, wanted: int, lines: Sequence[Line]) -> Callable[[], bool]:
    """Whether so many messages arrived in total, and these posts are answered."""
    return lambda: swarm.delivered >= wanted and all(line.is_free for line in lines)


def _posts(fanout: RoomFanout) -> list[tuple[bytes, int]]:
    """Posts, by turns in each room, with how many streams each is delivered to."""
    count = BURST_DELIVERIES // sum(fanout.rooms.values())
    rooms = [
        [(request, readers) for request in fanout.target.posts(room, count)]
        for room, readers in fanout.rooms.items()
    ]
    return [post for posts in zip(*rooms, strict=True) for post in posts]
