"""Serves an ASGI application on a listening socket; each connection of it is in `connection.py`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from server.connection import Connection
from server.handover import App
from server.openline import OpenLines

BACKLOG = 1024
LAST_BYTES_S = 0.5
"""Seconds in which connections may send what was still to be sent when the house closes."""


class _Writer(asyncio.StreamWriter):
    """Does not close what was handed over when nobody needs it any more."""

    def __del__(self) -> None:
        pass


class _Requesting(asyncio.StreamReaderProtocol):
    """A connection that requests come on.

    Args:
        connected: handles them all.
    """

    def __init__(
        self, connected: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader: asyncio.StreamReader | None = asyncio.StreamReader(loop=self._loop)
        super().__init__(self._reader, loop=self._loop)
        self._connected = connected

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        # The task keeps it from here on.
        reader, self._reader = self._reader, None
        if reader is not None:
            duplex = cast(asyncio.Transport, transport)
            self._connected(reader, _Writer(duplex, self, reader, self._loop))


async def serve_http(app: App, listening: socket.socket, stop: asyncio.Event) -> None:
    """Serve `app` on `listening` until `stop` is set.

    The caller ends long responses before it sets `stop`; what still runs `LAST_BYTES_S` later
    is cancelled.
    """
    loop = asyncio.get_running_loop()
    connections: dict[asyncio.Task[None], Connection] = {}
    lines = OpenLines()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(app, lines, reader, writer)
        task = loop.create_task(connection.run())
        connections[task] = connection
        task.add_done_callback(connections.__delitem__)

    server = await loop.create_unix_server(
        lambda: _Requesting(connected), sock=listening, backlog=BACKLOG
    )
    try:
        await stop.wait()
    finally:
        server.close()
        for connection in list(connections.values()):
            connection.close_if_idle()
        if connections:
            await asyncio.wait(connections, timeout=LAST_BYTES_S)
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await lines.end(LAST_BYTES_S)
