"""A line between one tor and its network that can be cut, held or slow: a proxy of its connections.

Whatever is done to it takes the network from this tor alone; other tors of the run notice nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from onion import Option

PIECE_BYTES = 1024
"""Bytes that are passed on at a time: a mended line is at full speed after one slow piece."""


class Line:
    """A proxy on loopback; tor is given it by `torrc`."""

    def __init__(self) -> None:
        self.port = 0
        self._is_cut = False
        self._passes = asyncio.Event()
        self._passes.set()
        self._bytes_per_s: float | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def torrc(self) -> list[Option]:
        """The option that makes a tor use this line for everything."""
        return [("HTTPSProxy", f"127.0.0.1:{self.port}")]

    def cut(self) -> None:
        """End all connections, and open no more."""
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()

    def hold(self) -> None:
        """Pass nothing on; connections stay open, and new ones wait."""
        self._passes.clear()

    def slow_down(self, bytes_per_s: float) -> None:
        """Pass on only so much in each direction of each connection."""
        self._bytes_per_s = bytes_per_s

    def mend(self) -> None:
        """Open connections again, and pass everything on at full speed."""
        self._is_cut, self._bytes_per_s = False, None
        self._passes.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one connection of tor to its relay, and pass everything on."""
        self._open.add(writer)
        if task := asyncio.current_task():
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        try:
            _, target, _ = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
            await self._passes.wait()
            if self._is_cut:
                return
            host, _, port = target.decode().rpartition(":")
            there, onwards = await asyncio.open_connection(host, int(port))
            self._open.add(onwards)
            writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
            await asyncio.gather(self._pass_on(reader, onwards), self._pass_on(there, writer))
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.transport.abort()
            self._open.discard(writer)

    async def end(self) -> None:
        """End all connections for good."""
        self.mend()
        self.cut()
        await asyncio.gather(*self._serving)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Copy bytes until one side ends, then end the other."""
        with suppress(OSError):
            while data := await reader.read(PIECE_BYTES):
                await self._passes.wait()
                if self._bytes_per_s is not None:
                    await asyncio.sleep(len(data) / self._bytes_per_s)
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
        server.close()
        await made.end()
