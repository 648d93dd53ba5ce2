"""Serves an ASGI application on a listening socket; `connection.py` serves one connection."""

from __future__ import annotations

import asyncio
import socket

from server.http.asgi import App
from server.http.connection import Connection
from server.http.reader_protocol import ReaderProtocol
from server.http.stream_connection import StreamConnections

BACKLOG = 1024
LAST_BYTES_S = 0.5
"""Seconds in which connections may send what is left when the server closes."""


async def serve_http(
    app: App,
    listening: socket.socket,
    stop: asyncio.Event,
    last_bytes_s: float = LAST_BYTES_S,
) -> None:
    """Serve `app` on `listening` until `stop` is set.

    The caller ends streams before it sets `stop`. What runs `last_bytes_s` later is cancelled.
    """
    loop = asyncio.get_running_loop()
    connections: dict[asyncio.Task[None], Connection] = {}
    streams = StreamConnections()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(app, streams, reader, writer)
        task = loop.create_task(connection.run())
        connections[task] = connection
        task.add_done_callback(connections.__delitem__)

    # Not `create_unix_server`: from Python 3.13 on it asks for the socket's file, which a sealed
    # process may not. For a socket that exists, the two are the same otherwise.
    server = await loop.create_server(
        lambda: ReaderProtocol(connected), sock=listening, backlog=BACKLOG
    )
    try:
        await stop.wait()
    finally:
        server.close()
        for connection in list(connections.values()):
            connection.timeouts.close_if_idle()
        if connections:
            await asyncio.wait(connections, timeout=last_bytes_s)
        for task, connection in list(connections.items()):
            connection.timeouts.abort()
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await streams.end(last_bytes_s)
