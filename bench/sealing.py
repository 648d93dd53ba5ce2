"""What sealing costs: processor time of a post and of a delivery, against a server without it.

Both servers run at once on one core and get requests by turns, so that other load on the machine
hits both alike. What counts is the processor time of each.
"""

from __future__ import annotations

import asyncio
import re
import statistics
from collections.abc import Sequence
from pathlib import Path

from . import wire
from .children import servers_of, spent_s
from .table import print_table
from .talk import Chatter, composer, form, header, knock, meet
from .wire import Line

PAIRS = 60
READERS = 200
ROUNDS = 9

POST_BAR, DELIVERY_BAR = 1.25, 1.10
"""The most that a post and a delivery may cost, where one without sealing costs 1."""

JOIN = re.compile(rb"action=(/rooms/common/join)><input type=hidden name=token value=(\S+?)>")

Seconds = tuple[float, float, float]
"""Seconds of a first post, of a further one, of a delivery."""


class MeasuredServer:
    """One of the two servers, and its visitors."""

    def __init__(self, pid: int, socket: Path) -> None:
        self._pid, self._socket = pid, socket
        self._streams: list[Line] = []
        self._speakers: list[Chatter] = []

    async def fill(self) -> None:
        """Let members join a room: some will post, the others read."""
        self._speakers = [await self._come() for _ in range(ROUNDS + 1)]
        for _ in range(READERS):
            reader = await self._come()
            stream = await reader.line.another()
            await stream.follow(wire.get(f"{reader.chat}/live", reader.cookie))
            self._streams.append(stream)
        # From the first message on all members have the room key.
        await self._say(self._speakers.pop(), b"text 1234")

    async def turn(self, number: int) -> Seconds:
        """Let pairs meet and post, then one member post in the room."""
        pairs = [await meet(self._socket) for _ in range(PAIRS)]
        first_s, further_s = [await self._posts_s(pairs, count) for count in (1, 2)]
        return first_s, further_s, await self._delivery_s(number)

    async def _posts_s(self, pairs: Sequence[tuple[Chatter, Chatter]], number: int) -> float:
        """Seconds of one post and its `303`; the forms are fetched beforehand."""
        forms = [(writer, *await composer(writer)) for writer, _ in pairs]
        began = spent_s(self._pid)
        for writer, path, token in forms:
            head, _ = await writer.line.ask(wire.post(path, writer.cookie, form(token, number)))
            assert b" 303 " in head, head
        return (spent_s(self._pid) - began) / len(forms)

    async def _delivery_s(self, number: int) -> float:
        """Seconds of a message in the room, its post included, divided by its readers."""
        began = spent_s(self._pid)
        await self._say(self._speakers[number], b"text %d" % (2_000 + number))
        return (spent_s(self._pid) - began) / len(self._streams)

    async def _say(self, speaker: Chatter, text: bytes) -> None:
        # A connection that was idle for half a minute is closed by the server.
        speaker.line = await speaker.line.another()
        path, token = await composer(speaker)
        posted = wire.post(path, speaker.cookie, form(token, int(text.split()[1])))
        head, _ = await speaker.line.ask(posted)
        assert b" 303 " in head, head
        for stream in self._streams:
            await stream.until(b">" + text + b"<")

    async def _come(self) -> Chatter:
        line = await Line.open(self._socket)
        cookie, _ = await knock(line, "any")
        _, page = await line.ask(wire.get("/rooms", cookie))
        found = JOIN.search(page)
        assert found is not None, page
        joined, _ = await line.ask(wire.post(found[1].decode(), cookie, b"token=" + found[2]))
        return Chatter(cookie, header(joined, "location"), line)


def run() -> None:
    """Measure and print."""
    sealed, plain = compare("bench.unpaced_server", "bench.unsealed_server")
    print_table(
        "What sealing costs, in processor time of the server; median of the rounds",
        ("", "sealed, µs", "without, µs", "ratio", "bar"),
        rows_of(sealed, plain, ("none", POST_BAR, DELIVERY_BAR)),
    )


def compare(*modules: str) -> list[Seconds]:
    """Measure several programs, all running at once; the medians of each."""
    with servers_of(*modules) as servers:
        return asyncio.run(_measure([MeasuredServer(*server) for server in servers]))


def rows_of(these: Seconds, those: Seconds, bars: Sequence[object]) -> list[Sequence[object]]:
    """Make a row for each figure: both values, their ratio, and the bar."""
    names = ("a first post, with new keys", "a further post", f"a delivery, {READERS} readers")
    return [
        (name, 1e6 * this, 1e6 * that, this / that, bar)
        for name, this, that, bar in zip(names, these, those, bars, strict=True)
    ]


async def _measure(servers: Sequence[MeasuredServer]) -> list[Seconds]:
    """The medians of each server."""
    for server in servers:
        await server.fill()
    turns: list[list[Seconds]] = [[] for _ in servers]
    for number in range(ROUNDS):
        for server, seconds in zip(servers, turns, strict=True):
            seconds.append(await server.turn(number))
    return [_medians(seconds) for seconds in turns]


def _medians(turns: Sequence[Seconds]) -> Seconds:
    first, further, delivery = (statistics.median(column) for column in zip(*turns, strict=True))
    return first, further, delivery
