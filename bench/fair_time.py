"""Fair time: what it costs for each request, and how soon people are answered beside a flood.

    python -m bench.fair_time

The servers run as children, on a core of their own where there are two; this process drives them
over their Unix sockets and writes PROXY lines as tor does. People ask for the home page, each on a
circuit of their own; a flood asks for a long page on as many connections as it may have, as fast as
it is answered. How long people wait depends on what else the machine does; how many answers a flood
gets while a person waits for one (`flood p50`, `flood p99`) does not. Every figure stands beside
the same figure of a server that lets no circuit wait.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import statistics
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.http.circuits import MAX_CONNECTIONS, Circuits
from server.http.metered import Meter

from .children import servers_of, spent_s, waited_s
from .table import print_table
from .wire import Line, get

COUNTING, FREE, UNAWARE = "tests.process.trusting", "bench.free_server", "server"
"""Servers: with fair time; with circuits that never wait; without circuits."""

PEOPLE = 20
EVERY_S = 0.4
"""Seconds between two requests of a person: together about a tenth of a core."""

SECONDS = 8.0
SETTLING_S = {0: 1.0, 1: 3.0, 10: 5.0, 100: 15.0}
"""Number of floods -> seconds before anything is counted: what each may owe is spent by then."""

BLOCKS = 30
BLOCK_REQUESTS = 30
"""Requests on one connection and circuit: fewer than would put it into debt."""

TURNS = 10_000

PERSON = get("/")
FLOOD = get("/privacy")

_numbers: Iterator[int] = itertools.count(1)


def new_circuit() -> bytes:
    """The PROXY line of a circuit that no other connection has."""
    number = next(_numbers)
    return (
        f"PROXY TCP6 fc00:dead:beef:4dad::{number >> 16:x}:{number & 0xFFFF:x} ::1 1 80\r\n"
    ).encode()


async def open_line(socket: Path, circuit: bytes) -> Line:
    """Connect through a circuit."""
    line = await Line.open(socket)
    line.send(circuit)
    return line


@dataclass(slots=True)
class Answers:
    """What people and a flood were answered while both were counted."""

    people_ms: list[float] = field(default_factory=list)
    overtaken: list[int] = field(default_factory=list)
    """How many answers a flood got while a person waited for theirs."""

    flood: int = 0


async def one_person(socket: Path, phase: float, answers: Answers) -> None:
    """Ask again and again, and note how long each answer takes; until cancelled."""
    loop = asyncio.get_running_loop()
    line = await open_line(socket, new_circuit())
    try:
        await asyncio.sleep(phase * EVERY_S)
        while True:
            began_s, before = loop.time(), answers.flood
            await line.ask(PERSON)
            answers.people_ms.append((loop.time() - began_s) * 1e3)
            answers.overtaken.append(max(0, answers.flood - before))
            await asyncio.sleep(EVERY_S)
    finally:
        line.close()


async def one_connection(socket: Path, circuit: bytes, answers: Answers) -> None:
    """Ask as fast as answers come; until cancelled."""
    line = await open_line(socket, circuit)
    try:
        while True:
            await line.ask(FLOOD)
            answers.flood += 1
    finally:
        line.close()


@asynccontextmanager
async def crowd(socket: Path, floods: int) -> AsyncIterator[Answers]:
    """Let people and floods ask during the block."""
    answers = Answers()
    asking = [one_person(socket, number / PEOPLE, answers) for number in range(PEOPLE)]
    for _ in range(floods):
        circuit = new_circuit()
        asking += [one_connection(socket, circuit, answers) for _ in range(MAX_CONNECTIONS)]
    tasks = [asyncio.ensure_future(each) for each in asking]
    try:
        yield answers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def beside(pid: int, socket: Path, floods: int) -> tuple[float, ...]:
    """Count people and floods.

    Returns:
        p50 and p99 of the people in ms; answers of a flood while a person waited, p50 and p99;
        answers to people, and to the flood, a second; the part of a core that the server took.
    """
    async with crowd(socket, floods) as answers:
        await asyncio.sleep(SETTLING_S[floods])
        answers.people_ms.clear()
        answers.overtaken.clear()
        answers.flood = 0
        spent = spent_s(pid)
        await asyncio.sleep(SECONDS)
        people, overtaken, flood = answers.people_ms, answers.overtaken, answers.flood
        busy = (spent_s(pid) - spent) / SECONDS
    return (
        *(*_median_and_p99(people), *_median_and_p99(overtaken)),
        *(len(people) / SECONDS, flood / SECONDS, busy),
    )


def _median_and_p99(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < 2:
        return math.inf, math.inf
    percent = statistics.quantiles(values, n=100)
    return percent[49], percent[98]


async def block_us(pid: int, socket: Path) -> float:
    """Processor time of the server for one request, in microseconds: on a connection of its own."""
    line = await open_line(socket, new_circuit())
    await line.ask(PERSON)
    spent = spent_s(pid)
    for _ in range(BLOCK_REQUESTS):
        await line.ask(PERSON)
    spent = spent_s(pid) - spent
    line.close()
    return spent / BLOCK_REQUESTS * 1e6


class _Unread:
    """A connection of a circuit, from which nothing is read."""

    silent_since_s = None

    def set_paused(self, paused: bool) -> None:
        """See `Readable`."""

    def abort(self) -> None:
        """See `Readable`."""


def _drive_us(coroutine: Coroutine[Any, Any, None]) -> float:
    """Processor time of one of `TURNS` turns of a coroutine, in microseconds."""
    began_s = time.thread_time()
    with suppress(StopIteration):
        while True:
            coroutine.send(None)
    return (time.thread_time() - began_s) / TURNS * 1e6


async def turn_us() -> tuple[float, float]:
    """Processor time of one turn of a task: as it is, and timed and charged; the least of five."""

    async def turns() -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)

    joined = Circuits().join(b"0:1", _Unread())
    assert joined is not None
    meter = Meter()
    meter.paid_by(joined.payer)
    plain = min(_drive_us(turns()) for _ in range(5))
    return plain, min(_drive_us(meter.metered(turns())) for _ in range(5))


def run() -> None:
    """Measure and print."""
    plain_us, timed_us = asyncio.run(turn_us())
    print_table(
        "A turn of a task",
        ("", "µs of processor time"),
        [("as it is", plain_us), ("timed and charged", timed_us)],
    )
    with servers_of(COUNTING, FREE, UNAWARE) as servers:
        counting, free, unaware = servers
        costs: list[tuple[float, float]] = []
        for number in range(BLOCKS):
            pair = (counting, unaware) if number % 2 else (unaware, counting)
            each = {server: asyncio.run(block_us(*server)) for server in pair}
            costs.append((each[counting], each[unaware]))
        charged, uncharged = (statistics.median(column) for column in zip(*costs, strict=True))
        print_table(
            f"A request of a kept-alive connection, median of {BLOCKS} blocks of {BLOCK_REQUESTS}",
            ("", "µs of processor time"),
            [
                ("circuits known, each turn charged", charged),
                ("circuits not known", uncharged),
                ("ratio", charged / uncharged),
            ],
        )
        rows: list[tuple[object, ...]] = []
        for floods, settling_s in SETTLING_S.items():
            for name, (pid, socket) in (("fair time", counting), ("nobody waits", free)):
                waited = waited_s(pid)
                figures = asyncio.run(beside(pid, socket, floods))
                share = (waited_s(pid) - waited) / (SECONDS + settling_s)
                rows.append((f"{floods} floods, {name}", *figures, share))
    print_table(
        f"{PEOPLE} people beside floods of {MAX_CONNECTIONS} connections on a circuit each",
        (
            *("", "p50 ms", "p99 ms", "flood p50", "flood p99"),
            *("people/s", "flood/s", "core", "waited"),
        ),
        rows,
    )


if __name__ == "__main__":
    run()
