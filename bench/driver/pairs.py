"""Pairs whose members post one message each in ten seconds; then the end of the server."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import deque

from bench.figures import End, Pairs, Spread

from .clocks import Moment, load
from .line import Line, is_accepted
from .swarm import Swarm
from .target import Chatter, Target

BEAT_S = 10.0
MAX_WAIT_S = 30.0
SEED = 5
"""The same moments in each run, and for each server."""


class PairsRun:
    """The pairs of one server.

    Args:
        swarm: the streams.
        target: how members join and post.
        pid: the server.
    """

    def __init__(self, swarm: Swarm, target: Target, pid: int) -> None:
        self._swarm, self._target, self._pid = swarm, target, pid
        self._chatters: list[Chatter] = []
        self._streams: list[int] = []
        self._busy = 0
        """Requests that are not answered yet."""

        self._free: list[Line] = []
        """A browser keeps its own line; here the next post takes any free one."""

        self._numbers = iter(range(1, 10**6))
        self._said: dict[int, tuple[bytes, float]] = {}
        """By the stream of the partner: the mark of the message, and when it was sent."""

        self._delays: list[float] = []
        swarm.on_mark = self._note

    def fill(self, chatters: int) -> None:
        """Let pairs meet until there are so many members."""
        came = self._target.meet((chatters - len(self._chatters)) // 2)
        self._chatters += came
        self._streams += self._swarm.open([chatter.stream for chatter in came])
        self._swarm.settle()

    def measure(self) -> Pairs:
        """Let every member post one message at a moment of its own, then open a composer."""
        self._delays = []
        began = Moment.now(self._pid)
        self._talk(began.now_s)
        shares = load(began, Moment.now(self._pid))
        return Pairs(len(self._chatters), Spread.of(self._delays), shares)

    def _talk(self, began_s: float) -> None:
        chance = random.Random(SEED)  # noqa: S311 (no secret: moments of a benchmark)
        due = deque(sorted((BEAT_S * chance.random(), at) for at in range(len(self._chatters))))
        until_s = began_s + BEAT_S + MAX_WAIT_S
        while due or self._said or self._busy:
            now_s = time.perf_counter()
            if now_s > until_s:
                raise TimeoutError(f"{len(self._said):,} messages did not come")
            while due and began_s + due[0][0] <= now_s:
                self._say(due.popleft()[1])
            next_s = began_s + due[0][0] if due else now_s + 0.05
            self._swarm.turn(next_s - now_s)

    def _say(self, at: int) -> None:
        # Each two that follow each other are a pair.
        chatter, partner = self._chatters[at], self._streams[at ^ 1]
        self._busy += 1
        line = self._free.pop() if self._free else Line(self._swarm)
        number = next(self._numbers)
        request = chatter.post(number)
        self._said[partner] = (b">text %d<" % number, time.perf_counter())
        line.send(request, lambda head, body: self._posted(line, chatter, head, body))

    def _posted(self, line: Line, chatter: Chatter, head: bytes, body: bytes) -> None:
        is_accepted(head, body)
        if chatter.composer_request:
            line.send(
                chatter.composer_request, lambda head, body: self._ready(line, chatter, head, body)
            )
        else:
            self._rest(line)

    def _ready(self, line: Line, chatter: Chatter, head: bytes, body: bytes) -> None:
        chatter.take(head, body)
        self._rest(line)

    def _rest(self, line: Line) -> None:
        self._busy -= 1
        self._free.append(line)

    def _note(self, stream: int, now_s: float, _count: int) -> None:
        # What one says comes back on one's own stream too; only the partner's counts.
        said = self._said.get(stream)
        if said is not None and self._swarm.has(said[0]):
            self._delays.append(now_s - said[1])
            del self._said[stream]


def end(swarm: Swarm, pid: int) -> End:
    """Tell a server to end, and see it end."""
    gone: list[float] = []
    process = os.pidfd_open(pid)
    swarm.watch(process, lambda: gone.append(time.perf_counter()))
    streams, whole, began_s = len(swarm), swarm.ended_whole, time.perf_counter()
    os.kill(pid, signal.SIGTERM)
    closed_s = 0.0
    while not gone or len(swarm):
        if time.perf_counter() - began_s > MAX_WAIT_S:
            raise TimeoutError(f"{len(swarm):,} streams are open")
        swarm.turn(0.05)
        closed_s = closed_s or (0.0 if len(swarm) else time.perf_counter() - began_s)
    os.close(process)
    return End(streams, closed_s, gone[0] - began_s, swarm.ended_whole - whole)
