"""A line between one tor and its network that can be cut: an HTTP proxy for its connections.

Cutting it takes the network from this tor alone; other tors of the test run notice nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from onion import Option


class Line:
    """A proxy on loopback; tor is given it by `torrc`."""

    def __init__(self) -> None:
        self.port = 0
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def torrc(self) -> list[Option]:
        """The option that makes a tor use this line for everything."""
        return [("HTTPSProxy", f"127.0.0.1:{self.port}")]

    def cut(self) -> None:
        """End all connections, and open no more."""
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        """Open connections again."""
        self._is_cut = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one connection of tor to its relay, and pass everything on."""
        self._open.add(writer)
        try:
            _, target, _ = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
            if self._is_cut:
                return
            host, _, port = target.decode().rpartition(":")
            there, onwards = await asyncio.open_connection(host, int(port))
            self._open.add(onwards)
            writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
            await asyncio.gather(pass_on(reader, onwards), pass_on(there, writer))
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.transport.abort()
            self._open.discard(writer)


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy bytes until one side ends, then end the other."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def line() -> AsyncIterator[Line]:
    """Serve one line while the block runs."""
    made = Line()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.cut()
        server.close()
