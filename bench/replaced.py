"""What visitors notice while the web process is replaced: failed and late requests.

python -m bench.replaced [TIMES]

A new visitor asks for the home page every 20 ms, on the Unix socket. Nothing else runs, no tor.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bench.table import print_table
from server.demo.text_browser import TextBrowser
from server.supervisor.paths import Paths
from server.supervisor.up import keep_web_running
from server.supervisor.watching import Watching
from server.supervisor.webprocess import WebOptions
from tests.supervisor.fakes import FakeReport

TIMES = 5
EVERY_S = 0.02
ONION = "a" * 56 + ".onion"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: whether it was answered, and after how many seconds it ended."""

    is_answered: bool
    took_s: float


async def visit(socket: Path) -> Visit:
    """Ask for the home page once."""
    began_s = time.monotonic()
    browser = TextBrowser(lambda: asyncio.open_unix_connection(str(socket)), ONION)
    try:
        is_answered = (await browser.get("/")).status == 200
    except (OSError, EOFError):
        is_answered = False
    return Visit(is_answered, time.monotonic() - began_s)


async def visits_while(socket: Path, is_over: Callable[[], bool]) -> list[Visit]:
    """Visit again and again until it is over; return all visits."""
    visits: list[Awaitable[Visit]] = []
    while not is_over():
        visits.append(asyncio.ensure_future(visit(socket)))
        await asyncio.sleep(EVERY_S)
    return await asyncio.gather(*visits)


async def replace(times: int) -> None:
    """Replace the web process so often, and print a row for each time."""
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(prefix="sv-") as folder:
        paths, report = Paths(Path(folder)), FakeReport()
        watching = Watching(ONION, paths, report)
        async with keep_web_running(paths, ONION, WebOptions(), report, watching) as web:
            for number in range(times):
                watching.replace_web()

                def is_over(after: int = number) -> bool:
                    return web.restarts > after and web.current is not None

                began_s = time.monotonic()
                visits = await visits_while(paths.web_socket, is_over)
                took_s = time.monotonic() - began_s
                failed = sum(not each.is_answered for each in visits)
                longest_s = max(each.took_s for each in visits)
                rows.append(
                    (f"{took_s:.1f} s", str(len(visits)), str(failed), f"{longest_s:.1f} s")
                )
    heads = ("replaced in", "requests", "failed", "longest")
    print_table("The web process is replaced", heads, rows)


if __name__ == "__main__":
    asyncio.run(replace(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES))
