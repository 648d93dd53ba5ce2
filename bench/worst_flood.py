"""How long the home page takes beside visitors who send nothing but the worst text.

    python -m bench.worst_flood

A server runs as a child, on a core of its own where there are two, without circuits: so nobody is
slowed for the time that their forms cost. Each sender has no session and sends forms full of
combining marks to `POST /invite`, one after the other; another visitor asks for the home page.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path
from urllib.parse import urlencode

from server.demo.document import read_document
from tests.worst_text import TEXT_BYTES

from .children import servers_of
from .table import print_table
from .wire import Line, get, post

SENDERS = (0, 1, 4)
SECONDS = 8.0
PAUSE_S = 0.02
"""Between two requests for the home page."""

FORM_PAGE = "/rooms"

MARKS = "\u0345\u0334"
"""Of falling combining classes: the slowest text known to normalise."""


async def form_of(socket: Path) -> bytes:
    """Return a first form full of marks, with its token."""
    line = await Line.open(socket)
    _, page = await line.ask(get(FORM_PAGE))
    line.close()
    token = read_document(page.decode()).form("/invite").fields["token"]
    each = TEXT_BYTES // 2 // len("%CD%85")
    text = "".join(mark * each for mark in MARKS)
    return post("/invite", "", urlencode({"token": token, "code": text}).encode())


async def send(socket: Path, form: bytes, answered: list[float]) -> None:
    """Send the form again and again, until cancelled; note when each was answered."""
    line = await Line.open(socket)
    try:
        while True:
            head, _ = await line.ask(form)
            answered.append(time.monotonic())
            if b"connection: close" in head.lower():
                line.close()
                line = await Line.open(socket)
    finally:
        line.close()


async def beside(socket: Path, senders: int) -> tuple[float, float, int, int]:
    """Ask for the home page beside so many senders.

    Returns:
        p50 and p99 in ms, and how many pages and how many forms were answered.
    """
    form, answered, waits_ms = await form_of(socket), list[float](), list[float]()
    tasks = [asyncio.ensure_future(send(socket, form, answered)) for _ in range(senders)]
    line = await Line.open(socket)
    end_s = time.monotonic() + SECONDS
    while (began_s := time.monotonic()) < end_s:
        await line.ask(get("/"))
        waits_ms.append(1e3 * (time.monotonic() - began_s))
        await asyncio.sleep(PAUSE_S)
    line.close()
    for task in tasks:
        if task.done():
            task.result()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    percents = statistics.quantiles(waits_ms, n=100)
    return percents[49], percents[98], len(waits_ms), len(answered)


def run() -> None:
    """Measure and print."""
    with servers_of("server") as [(_, socket)]:
        rows = [(f"{senders}", *asyncio.run(beside(socket, senders))) for senders in SENDERS]
    print_table(
        f"The home page beside forms full of marks, {SECONDS:.0f} s each",
        ("senders", "page p50 ms", "p99 ms", "pages", "forms answered"),
        rows,
    )


if __name__ == "__main__":
    run()
