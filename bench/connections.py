"""What a post, an arrival and a stream cost over connections of their own, as browsers make them.

A browser behind tor makes a new connection for many of its requests, because each stream of a
circuit is one to the server. Measured in processor time of the server, per act; beside it the same
requests over one kept-alive connection for each visitor.

    python -m bench.connections
"""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from . import wire
from .children import child, spent_s, two_cores
from .table import print_table
from .talk import DRAW_S, DRAWS, TOKEN, form, header
from .wire import Line

PAIRS = 40
POSTS_EACH = 4
"""Below the burst that a session may send, so that no post is refused."""

BARE_REQUESTS = 400
SETTLE_S = 0.05
"""The server finishes what follows a response within this time."""


@dataclass(frozen=True, slots=True)
class ConnectionCosts:
    """Processor time in milliseconds of each act."""

    post: float
    """A post, its `303` and the new composer."""

    arrival: float
    """Home page, `POST /pair`, chat page, composer and stream; somebody waits already."""

    stream: float
    """Opening the stream again, as a browser does that lost it."""

    bare: float
    """One request to bare Hypercorn."""


class Caller:
    """One visitor's requests.

    Args:
        socket: of the server.
        keeps: whether all requests use one connection.
    """

    def __init__(self, socket: Path, *, keeps: bool) -> None:
        self._socket, self._keeps = socket, keeps
        self._line: Line | None = None
        self.cookie = ""
        self.chat = ""

    async def get(self, path: str) -> tuple[bytes, bytes]:
        """Ask for a page; return head and body."""
        return await self._ask(wire.get(path, self.cookie))

    async def post(self, path: str, body: bytes) -> bytes:
        """Post a form; return the head of the answer."""
        return (await self._ask(wire.post(path, self.cookie, body)))[0]

    async def stream(self) -> Line:
        """Open the stream, which always has a connection of its own, and read what is there."""
        line = await Line.open(self._socket)
        await line.follow(wire.get(f"{self.chat}/live", self.cookie))
        await line.until(b" \r\n")
        return line

    async def _ask(self, request: bytes) -> tuple[bytes, bytes]:
        line = self._line or await Line.open(self._socket)
        answer = await line.ask(request)
        if self._keeps:
            self._line = line
        else:
            line.close()
        return answer

    async def press(self, intent: str) -> Self:
        """Come to the home page and press a button."""
        _, door = await self.get("/")
        token = door.partition(b"name=token value=")[2].partition(b">")[0]
        head = await self.post("/pair", b"token=%b&intent=%b" % (token, intent.encode()))
        self.cookie = header(head, "set-cookie").partition(";")[0]
        self.chat = header(head, "location")
        return self

    async def arrive(self) -> Line:
        """Come to the home page and into a conversation, where somebody waits; return its stream.

        The requests of one visitor follow each other: their order does not change what they cost.
        A draw may leave somebody out by chance. They ask again after the next one.
        """
        await self.press("listen")
        if self.chat == "/wait":
            await asyncio.sleep(2 * DRAW_S)
            head, _ = await self.get("/wait")
            self.chat = header(head, "location")
        assert self.chat.startswith("/chat/"), self.chat
        await self.get(self.chat)
        await self.get(f"{self.chat}/composer")
        return await self.stream()


def run() -> tuple[ConnectionCosts, ConnectionCosts]:
    """Measure and print; over kept-alive connections, and over connections of their own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sottovoce-bench-")))
        core = stack.enter_context(two_cores())
        web, bare = folder / "server" / "web.sock", folder / "bare" / "web.sock"
        serve = ("server", "serve", "--json", "--socket", str(web), *DRAWS)
        pid = stack.enter_context(child(core, *serve))
        bare_pid = stack.enter_context(child(core, "bench.bare", str(bare)))
        # The first of all visitors waits for what is made at the first request.
        asyncio.run(_measure(web, pid, bare, bare_pid, keeps=True))
        kept = asyncio.run(_measure(web, pid, bare, bare_pid, keeps=True))
        own = asyncio.run(_measure(web, pid, bare, bare_pid, keeps=False))
    print_table(
        "Processor time of the server, ms",
        ("", "kept-alive", "own connections"),
        [
            ("a post with its new composer", kept.post, own.post),
            ("an arrival", kept.arrival, own.arrival),
            ("opening a stream", kept.stream, own.stream),
            ("a request to bare Hypercorn", kept.bare, own.bare),
        ],
    )
    return kept, own


async def _measure(
    web: Path, pid: int, bare: Path, bare_pid: int, *, keeps: bool
) -> ConnectionCosts:
    waiting = [await Caller(web, keeps=keeps).press("talk") for _ in range(PAIRS)]
    await asyncio.sleep(SETTLE_S)
    began_s = spent_s(pid)
    callers = [Caller(web, keeps=keeps) for _ in waiting]
    streams = [await caller.arrive() for caller in callers]
    await asyncio.sleep(SETTLE_S)
    arrived_s = spent_s(pid)
    for line in streams:
        line.close()
    await asyncio.sleep(SETTLE_S)
    closed_s = spent_s(pid)
    streams = [await caller.stream() for caller in callers]
    await asyncio.sleep(SETTLE_S)
    streamed_s = spent_s(pid)
    for line in streams:
        line.close()
    tokens = [await _composer(caller) for caller in callers]
    await asyncio.sleep(SETTLE_S)
    before_s = spent_s(pid)
    for number in range(POSTS_EACH):
        for at, caller in enumerate(callers):
            path, token = tokens[at]
            head = await caller.post(path, form(token, number))
            assert b" 303 " in head, head
            tokens[at] = await _composer(caller)
    await asyncio.sleep(SETTLE_S)
    posted_s = spent_s(pid)
    for caller in callers:
        path, token = await _leave_form(caller)
        await caller.post(path, b"token=%b" % token)
    return ConnectionCosts(
        post=1e3 * (posted_s - before_s) / (PAIRS * POSTS_EACH),
        arrival=1e3 * (arrived_s - began_s) / PAIRS,
        stream=1e3 * (streamed_s - closed_s) / PAIRS,
        bare=await _bare(bare, bare_pid, keeps=keeps),
    )


async def _bare(socket: Path, pid: int, *, keeps: bool) -> float:
    caller = Caller(socket, keeps=keeps)
    before_s = spent_s(pid)
    for _ in range(BARE_REQUESTS):
        await caller.get("/")
    await asyncio.sleep(SETTLE_S)
    return 1e3 * (spent_s(pid) - before_s) / BARE_REQUESTS


async def _composer(caller: Caller) -> tuple[str, bytes]:
    _, body = await caller.get(f"{caller.chat}/composer")
    found = TOKEN.search(body)
    assert found is not None, body
    return found[1].decode(), found[2]


async def _leave_form(caller: Caller) -> tuple[str, bytes]:
    _, body = await caller.get(caller.chat)
    path = f"{caller.chat}/leave"
    token = body.partition(b"action=" + path.encode())[2].partition(b"value=")[2]
    return path, token.partition(b">")[0]


if __name__ == "__main__":
    run()
