"""Posts: how many a second, and how soon the partner has read them.

The server runs as a child, on its own core where there are two; this process drives it over its
Unix socket. The same posts go to the yardsticks in the same run: the ratio is what counts, the
rest depends on this machine. A second is one of processor time of the server, so that other
programs on its core do not count.

    python -m bench.talk
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import wire
from .children import child, spent_s, two_cores
from .table import print_table
from .wire import Line

PAIRS = 150
POSTS_EACH = 4
"""Below the burst that a session may send, so that no post is refused."""

DRAW_S = 0.05
DRAWS = ("--draw-every", f"{DRAW_S}")
"""Soon enough for pairs to meet one after the other, and too rare to count beside their posts."""

YARDSTICKS = (
    ("bench.bare_quart", "lean"),
    ("bench.bare_quart", "whole"),
    ("bench.bare",),
)
"""The programs that get the same posts, in the order of `Posts`."""

TOKEN = re.compile(rb"action=(\S*/messages)><input type=hidden name=token value=(\S+?)>")


@dataclass(slots=True)
class Chatter:
    """One session in a conversation."""

    cookie: str
    chat: str
    line: Line


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts per second of processor time, each with its new composer."""

    server: float
    quart: float
    """Of Quart with views that do nothing, with the server's request handling."""

    whole_quart: float
    """The same, with Quart's own request handling."""

    bare: float


def run() -> Posts:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="sottovoce-bench-") as folder, two_cores() as core:
        server = Path(folder) / "server" / "web.sock"
        with child(core, "server", "serve", "--json", "--socket", str(server), *DRAWS) as pid:
            posts_s, delays_s = asyncio.run(_server(server, pid))
        bare = [_yardstick(core, Path(folder), *command) for command in YARDSTICKS]
    posts = Posts(posts_s, *bare)
    _print(posts, sorted(delay * 1_000 for delay in delays_s))
    return posts


def _yardstick(core: int | None, folder: Path, *command: str) -> float:
    socket = folder / "".join(command) / "web.sock"
    with child(core, *command, str(socket)) as pid:
        return asyncio.run(_bare(socket, pid))


def _print(posts: Posts, delays_ms: Sequence[float]) -> None:
    rows = {
        "the server": posts.server,
        "Quart alone, with our request handling": posts.quart,
        "Quart alone, with its own": posts.whole_quart,
        "Hypercorn alone": posts.bare,
    }
    count = PAIRS * POSTS_EACH
    print_table(
        f"{count} posts in {PAIRS} pairs, each with its new composer; all pairs at once",
        ("", "posts/s", "µs a post", "server's share of it"),
        [(name, per_s, 1e6 / per_s, posts.server / per_s) for name, per_s in rows.items()],
    )
    print_table(
        "One post on an idle server, from sending it to its last byte on the partner's stream",
        ("", "ms"),
        [("p50", delays_ms[len(delays_ms) // 2]), ("p99", delays_ms[len(delays_ms) * 99 // 100])],
    )


async def _server(socket: Path, pid: int) -> tuple[float, list[float]]:
    """Posts per second under load; and delays, one post at a time."""
    pairs = [await meet(socket) for _ in range(PAIRS)]
    began_s = spent_s(pid)
    await asyncio.gather(*(speak(writer, POSTS_EACH) for writer, _ in pairs))
    posts_s = PAIRS * POSTS_EACH / (spent_s(pid) - began_s)
    delays = [await _delay(*pair) for pair in pairs]
    return posts_s, delays


async def _bare(socket: Path, pid: int) -> float:
    """Posts of the same size to the yardstick, each with a GET, per second."""
    lines = [await Line.open(socket) for _ in range(PAIRS)]
    request = wire.post("/chat/123456789012/messages", "__Host-s=" + "A" * 43, form(b"A" * 24, 0))

    async def talk(line: Line) -> None:
        for _ in range(POSTS_EACH):
            await line.ask(request)
            await line.ask(wire.get("/"))

    await asyncio.gather(*map(talk, lines))  # the first of all requests wait for more
    began_s = spent_s(pid)
    await asyncio.gather(*map(talk, lines))
    return PAIRS * POSTS_EACH / (spent_s(pid) - began_s)


async def speak(writer: Chatter, posts: int) -> None:
    for number in range(posts):
        path, token = await composer(writer)
        head, _ = await writer.line.ask(wire.post(path, writer.cookie, form(token, number)))
        assert b" 303 " in head, head


async def _delay(writer: Chatter, reader: Chatter) -> float:
    """Seconds from a post to its last byte on the partner's stream."""
    stream = await reader.line.another()
    await stream.follow(wire.get(f"{reader.chat}/live", reader.cookie))
    await stream.until(f">text {POSTS_EACH - 1}<".encode())
    path, token = await composer(writer)
    began = time.perf_counter()
    posting = asyncio.ensure_future(
        writer.line.ask(wire.post(path, writer.cookie, form(token, 99)))
    )
    await stream.until(b">text 99<")
    await stream.until(b" \r\n")
    delay = time.perf_counter() - began
    head, _ = await posting
    assert b" 303 " in head, head
    stream.close()
    return delay


async def composer(chatter: Chatter) -> tuple[str, bytes]:
    _, body = await chatter.line.ask(wire.get(f"{chatter.chat}/composer", chatter.cookie))
    found = TOKEN.search(body)
    assert found is not None, body
    return found[1].decode(), found[2]


def form(token: bytes, number: int) -> bytes:
    return b"token=%b&text=text+%d" % (token, number)


async def meet(socket: Path) -> tuple[Chatter, Chatter]:
    first, second = await Line.open(socket), await Line.open(socket)
    cookie, _ = await knock(first, "talk")
    other, chat = await knock(second, "listen")
    head, _ = await first.ask(wire.get("/wait", cookie))
    return Chatter(cookie, header(head, "location"), first), Chatter(other, chat, second)


async def knock(line: Line, intent: str) -> tuple[str, str]:
    _, door = await line.ask(wire.get("/"))
    token = door.partition(b"name=token value=")[2].partition(b">")[0].decode()
    head, _ = await line.ask(wire.post("/pair", "", f"token={token}&intent={intent}".encode()))
    return header(head, "set-cookie").partition(";")[0], header(head, "location")


def header(head: bytes, name: str) -> str:
    for line in head.decode().split("\r\n"):
        key, _, value = line.partition(":")
        if key.lower() == name:
            return value.strip()
    raise AssertionError(f"no {name} in {head!r}")


if __name__ == "__main__":
    run()
