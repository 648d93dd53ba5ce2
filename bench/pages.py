"""What a page costs that anybody may ask for, beside an answer of the same size of bare Hypercorn.

Measured in processor time of the server, over a kept-alive connection. The page and its yardstick
take turns, so that other load on the machine reaches both. Each turn has a connection of its own:
while one side has its turn, the other would close a connection that is idle for too long. That is
so with the source archive, which both send at its pace, at the same time: each takes some seconds,
so it has few turns, and what a server does in such seconds without it is taken off.

    python -m bench.pages
"""

from __future__ import annotations

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from server.web.views.static_pages import SOURCE_PATH

from . import wire
from .children import child, spent_s, two_cores
from .table import print_table
from .wire import Line

PATHS = (
    *("/", "/?lang=fa", "/pair", "/rooms", "/rooms/new", "/safety", "/privacy", "/help", "/about"),
    *("/cookies", "/over", "/blank", "/mine", "/wait", "/no-such-page", "/language"),
)
"""The last two are refused: with 404, and with 405."""

RATIO = 1.5
"""Of the dearest of them, to an answer of the same size of bare Hypercorn."""

UNKNOWN = "__Host-s=" + "A" * 43
"""A cookie that names no session."""

BROWSER = (
    b"user-agent: Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    b"accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    b"accept-language: en-US,en;q=0.5\r\naccept-encoding: gzip, deflate\r\n"
    b"connection: keep-alive\r\nupgrade-insecure-requests: 1\r\nsec-fetch-dest: document\r\n"
    b"sec-fetch-mode: navigate\r\nsec-fetch-site: none\r\nsec-fetch-user: ?1\r\n"
    b"priority: u=0, i\r\n"
)
"""The header fields of Tor Browser beside `Host`."""

GATEWAY = b"via: 1.1 gateway\r\n"
WARM_UP, TURNS, EACH = 20, 15, 15
ARCHIVE_TURNS = 3
IDLE_S = 3.0


@dataclass(frozen=True, slots=True)
class PageCost:
    """Processor time of one answer, and of the yardstick's, in ms: medians of all turns."""

    name: str
    body_bytes: int
    ms: float
    bare_ms: float
    ratio: float
    """The median of the ratios of each turn: other load reaches both sides of a turn."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, and how often it is asked in each turn."""

    name: str
    request: bytes
    is_paced: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    """A server: its process, its socket, and a path of a short answer."""

    pid: int
    socket: Path
    short: str

    async def ms_of(self, request: bytes, times: int) -> float:
        """Ask as often as this; processor time of each in milliseconds."""
        line = await Line.open(self.socket)
        await line.ask(wire.get(self.short))  # until then the connection is not made
        before_s = spent_s(self.pid)
        for _ in range(times):
            await line.ask(request)
        spent_ms = 1e3 * (spent_s(self.pid) - before_s)
        line.close()
        return spent_ms / times

    async def paced_ms_of(self, request: bytes) -> float:
        """The same for one that takes long, without what the server spends when it is idle."""
        before_s = spent_s(self.pid)
        await asyncio.sleep(IDLE_S)
        idle = (spent_s(self.pid) - before_s) / IDLE_S
        began_s = time.perf_counter()
        ms = await self.ms_of(request, 1)
        return ms - 1e3 * idle * (time.perf_counter() - began_s)


def run() -> list[PageCost]:
    """Measure and print."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sottovoce-bench-")))
        core = stack.enter_context(two_cores())
        web, bare = folder / "server" / "web.sock", folder / "bare" / "web.sock"
        serve = ("server", "serve", "--json", "--socket", str(web))
        pids = (
            stack.enter_context(child(core, *serve)),
            stack.enter_context(child(core, "bench.bare_pages", str(bare))),
        )
        costs = asyncio.run(_measure(pids, (web, bare)))
    print_table(
        "A page without a session, processor time of each, beside bare Hypercorn",
        ("", "bytes", "ms", "bare ms", "ratio"),
        [(cost.name, cost.body_bytes, cost.ms, cost.bare_ms, cost.ratio) for cost in costs],
    )
    return costs


async def _measure(pids: Sequence[int], sockets: Sequence[Path]) -> list[PageCost]:
    server, bare = map(_Side, pids, sockets, ("/blank", "/0"))
    _, door = await (await Line.open(server.socket)).ask(wire.get("/"))
    sheet = re.search(rb"href=(/\w+\.css)", door)
    assert sheet is not None
    asked = [
        *(_Asked(path, _get(path)) for path in PATHS),
        _Asked("the stylesheet", _get(sheet[1].decode())),
        _Asked("/, unknown cookie", _get("/", UNKNOWN)),
        _Asked("/?x=1", _get("/?x=1")),
        _Asked("/, through a gateway", _get("/", more=GATEWAY)),
        _Asked("a conversation, unknown cookie", _get("/chat/abcdefghijkl/composer", UNKNOWN)),
        _Asked("the source archive", _get(SOURCE_PATH), is_paced=True),
    ]
    return [await _cost(each, server, bare) for each in asked]


def _get(path: str, cookie: str = "", more: bytes = b"") -> bytes:
    """A GET as a browser sends it, with more header fields."""
    return wire.get(path, cookie).removesuffix(b"\r\n") + BROWSER + more + b"\r\n"


async def _cost(asked: _Asked, server: _Side, bare: _Side) -> PageCost:
    """Let the server and the yardstick take turns."""
    line = await Line.open(server.socket)
    _, body = await line.ask(asked.request)
    line.close()
    same_size = _get(f"/{len(body)}")
    if asked.is_paced:
        turns = [
            await asyncio.gather(server.paced_ms_of(asked.request), bare.paced_ms_of(same_size))
            for _ in range(ARCHIVE_TURNS)
        ]
    else:
        await server.ms_of(asked.request, WARM_UP)
        await bare.ms_of(same_size, WARM_UP)
        turns = [
            (await server.ms_of(asked.request, EACH), await bare.ms_of(same_size, EACH))
            for _ in range(TURNS)
        ]
    ms, bare_ms = (statistics.median(of_one) for of_one in zip(*turns, strict=True))
    ratio = statistics.median(one / other for one, other in turns)
    return PageCost(asked.name, len(body), ms, bare_ms, ratio)


if __name__ == "__main__":
    run()
