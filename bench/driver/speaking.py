"""Says something to all, one message after the other, and as fast as can be."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Load, Spread
from server.core.limits import CELL_BYTES

from .clocks import Moment, load
from .coming import Coming
from .line import Line, is_accepted
from .swarm import Swarm
from .way import Way

ALONE = 20
"""Messages that are said one after the other, each when the one before is heard."""

ALONE_EVERY_S = 0.3
ALONE_MOST_S = 6.0
"""Fewer are said where they take long: the whole of it is bounded in time."""

FAST_DELIVERIES = 200_000
"""About so many are made as fast as can be."""

FAST_MOST_S = 4.0

PATIENCE_S = 60.0
"""For one message to be heard by all: then something is broken."""


@dataclass(frozen=True, slots=True)
class RoomFanout:
    """Who listens, where."""

    swarm: Swarm
    way: Way
    rooms: Mapping[str, int]
    """Streams in each."""

    coming: Coming
    pid: int
    """The server."""

    def until(self, is_done: Callable[[], bool]) -> None:
        """Read until something is so; who comes meanwhile comes.

        Raises:
            TimeoutError: if it is not, in time.
        """
        until_s = time.perf_counter() + PATIENCE_S
        while not is_done():
            if time.perf_counter() > until_s:
                raise TimeoutError(f"{self.swarm.heard:,} messages, {len(self.swarm):,} streams")
            self.coming.turn(0.05)

    def pause(self, until_s: float) -> None:
        """Read until then."""
        while (left_s := until_s - time.perf_counter()) > 0:
            self.coming.turn(left_s)


@dataclass(frozen=True, slots=True)
class Spent:
    """What it took to deliver as fast as can be."""

    deliveries: float
    """Comings included."""

    took_s: float
    load: Load


def say_alone(audience: RoomFanout) -> Spread:
    """Delays of messages, each said in all rooms at once: from sending one to each stream."""
    swarm, rooms = audience.swarm, audience.rooms
    shots = list(zip(*(audience.way.words(room, ALONE) for room in rooms), strict=True))
    lines = [Line(swarm) for _ in rooms]
    delays: list[float] = []
    until_s = time.perf_counter() + ALONE_MOST_S
    for shot in shots:
        if time.perf_counter() > until_s:
            break
        wanted, said_s = swarm.heard + sum(rooms.values()), time.perf_counter()
        swarm.on_mark = _noting(delays, said_s)
        for line, request in zip(lines, shot, strict=True):
            line.send(request, is_accepted)
        audience.until(_are_heard(swarm, wanted, lines))
        audience.pause(said_s + ALONE_EVERY_S)
    return Spread.of(delays)


def _noting(delays: list[float], said_s: float) -> Callable[[int, float, int], None]:
    return lambda _stream, now_s, _count: delays.append(now_s - said_s)


def say_fast(audience: RoomFanout) -> Spent:
    """Say a lot, in one room after the other; one message is on its way while the next is said."""
    posts, swarm = _posts(audience), audience.swarm
    lines = [Line(swarm) for _ in range(2)]
    swarm.on_mark = None
    received, began = swarm.received, Moment.now(audience.pid)
    wanted, last = swarm.heard, 0
    for number, (request, readers) in enumerate(posts):
        line = lines[number % 2]
        audience.until(_are_heard(swarm, wanted - last, [line]))
        if time.perf_counter() > began.now_s + FAST_MOST_S:
            break
        line.send(request, is_accepted)
        wanted, last = wanted + readers, readers
    audience.until(_are_heard(swarm, wanted, lines))
    ended = Moment.now(audience.pid)
    deliveries = (swarm.received - received) / CELL_BYTES
    return Spent(deliveries, ended.now_s - began.now_s, load(began, ended))


def _are_heard(swarm: Swarm, wanted: int, lines: Sequence[Line]) -> Callable[[], bool]:
    """Whether so many messages came to all together, and these posts are answered."""
    return lambda: swarm.heard >= wanted and all(line.is_free for line in lines)


def _posts(audience: RoomFanout) -> list[tuple[bytes, int]]:
    """Messages, in all rooms by turns, with how many hear each."""
    count = FAST_DELIVERIES // sum(audience.rooms.values())
    rooms = [
        [(request, readers) for request in audience.way.words(room, count)]
        for room, readers in audience.rooms.items()
    ]
    return [post for posts in zip(*rooms, strict=True) for post in posts]
