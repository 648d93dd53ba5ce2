"""A listener in the test process, with a small application, reached as tor reaches it."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.core.ids import CircuitKey
from server.http.asgi import EXTENSION
from server.http.circuits import Circuits, OpenCircuit
from server.http.connection import Connection
from server.http.listener import Listener
from server.process.sockets import listening_on
from tests.process.in_process import run_pending_callbacks

ANSWER_S = 20.0
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
BEGUN_POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
SPENT_NS = 10**9
"""A second of processor time: far more than a circuit may owe."""

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def proxy_line(circuit: str) -> bytes:
    """Return what tor writes before the first request of a connection."""
    return f"PROXY TCP6 fc00:dead:beef:4dad::{circuit} ::1 70 80\r\n".encode()


@dataclass
class Listening:
    """A listener, what its application has seen, and connections to it."""

    path: Path
    listener: Listener
    circuits: Circuits | None
    seen: list[CircuitKey | None] = field(default_factory=list)
    """The circuit of each request, in the order of their arrival."""

    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self, *writes: bytes) -> asyncio.StreamReader:
        """Open a connection and write these bytes."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        self.writers.append(writer)
        for data in writes:
            writer.write(data)
            await asyncio.sleep(0)
        return reader

    async def ask(self, *writes: bytes) -> CircuitKey | None:
        """Send one request on a connection of its own; return the circuit that is seen."""
        reader = await self.connect(*writes)
        assert await answer(reader) == 200
        self.writers.pop().close()
        return self.seen[-1]

    @property
    def connections(self) -> list[Connection]:
        """The server's side of all connections."""
        return list(self.listener._connections.values())

    def open_circuits(self) -> list[OpenCircuit]:
        """All circuits with open connections, oldest first."""
        assert self.circuits is not None
        return list(self.circuits._open.values())

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until a condition holds on the server's side."""
        async with asyncio.timeout(ANSWER_S):
            while not holds():
                await run_pending_callbacks()


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer without a body; return its status, 0 if the connection is closed."""
    async with asyncio.timeout(ANSWER_S):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0
    return int(head.split()[1])


def bytes_in_kernel(connection: Connection) -> int:
    """Return how many bytes the kernel holds for a connection. Source: `FIONREAD`, ioctl(2)."""
    raw = connection.writer.get_extra_info("socket")
    return int(struct.unpack("i", fcntl.ioctl(raw.fileno(), termios.FIONREAD, bytes(4)))[0])


@asynccontextmanager
async def listening(
    folder: Path, *, trusts: bool = True, max_open: int = 100
) -> AsyncIterator[Listening]:
    """Listen while the block runs. The application answers each request when its body is read."""
    circuits = Circuits() if trusts else None
    with listening_on(folder / "web" / "web.sock") as raw:

        async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
            served.seen.append(scope["extensions"][EXTENSION].circuit)
            while (message := await receive())["type"] == "http.request":
                if not message["more_body"]:
                    break
            else:
                return
            head = [(b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": b""})

        served = Listening(
            folder / "web" / "web.sock", Listener(app, raw, max_open, circuits), circuits
        )
        served.listener.begin()
        try:
            yield served
        finally:
            for writer in served.writers:
                writer.close()
            await served.listener.end(0.05)
