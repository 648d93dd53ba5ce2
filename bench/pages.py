"""What a page costs that anybody may ask for, beside an answer of the same size of bare Hypercorn.

Measured in processor time of the server, over a kept-alive connection. The page and its yardstick
take turns, so that other load on the machine reaches both.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import tempfile
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
ARCHIVE_EACH = 4


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
    each: int = EACH


@dataclass(frozen=True, slots=True)
class _Side:
    """A server: its process and its socket."""

    pid: int
    socket: Path

    async def ms_of(self, line: Line, request: bytes, times: int) -> float:
        """Ask as often as this; processor time of each in milliseconds."""
        before_s = spent_s(self.pid)
        for _ in range(times):
            await line.ask(request)
        return 1e3 * (spent_s(self.pid) - before_s) / times


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
    server, bare = map(_Side, pids, sockets)
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
        _Asked("the source archive", _get(SOURCE_PATH), ARCHIVE_EACH),
    ]
    return [await _cost(each, server, bare) for each in asked]


def _get(path: str, cookie: str = "", more: bytes = b"") -> bytes:
    """A GET as a browser sends it, with more header fields."""
    return wire.get(path, cookie).removesuffix(b"\r\n") + BROWSER + more + b"\r\n"


async def _cost(asked: _Asked, server: _Side, bare: _Side) -> PageCost:
    """Let the server and the yardstick take turns, each over a connection of its own."""
    line, bare_line = await Line.open(server.socket), await Line.open(bare.socket)
    _, body = await line.ask(asked.request)
    same_size = _get(f"/{len(body)}")
    warm_up = WARM_UP if asked.each == EACH else 1
    await server.ms_of(line, asked.request, warm_up)
    await bare.ms_of(bare_line, same_size, warm_up)
    turns = [
        (
            await server.ms_of(line, asked.request, asked.each),
            await bare.ms_of(bare_line, same_size, asked.each),
        )
        for _ in range(TURNS)
    ]
    line.close()
    bare_line.close()
    ms, bare_ms = (statistics.median(of_one) for of_one in zip(*turns, strict=True))
    ratio = statistics.median(one / other for one, other in turns)
    return PageCost(asked.name, len(body), ms, bare_ms, ratio)
