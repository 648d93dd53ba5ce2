"""The one file that knows Hypercorn's inside: serves an ASGI application on a listening socket.

Hypercorn's own `worker_serve` cannot be used as it is, for three reasons measured on 0.18:

- tor puts a PROXY line before the first request of a connection, when it is told to name
  circuits; Hypercorn answers 400 to it. Here it is read off first.
- it upgrades to HTTP/2 in clear (`Upgrade: h2c`) and offers that with a head of its own. Here
  HTTP/1.1 is all there is.
- at the end it leaves open streams running into a timeout. Here the caller ends the streams
  first, and what is left then is cancelled.
- it keeps what was sent longer than it needs it: in what waits for more, and in circles of objects
  that only the garbage collector takes apart, who knows when. Here these are let go at once.

What is touched of Hypercorn: `TCPServer.run`, `protocol_send` and `_read_data`, and `H11Protocol`.
The lock file pins the version; tests hold the behaviour.

Source: the PROXY protocol, version 1 (HAProxy); tor's `HiddenServiceExportCircuitID haproxy`.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import h11
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.task_group import TaskGroup
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.typing import ConnectionState

from server.core.limits import REQUEST_S, WRITE_S
from server.frames import forget_frames

PROXY_PREFIX = b"PROXY "
PROXY_LINE_BYTES = 107
"""The longest line of version 1, its CRLF included."""

READ_BYTES = 2**16
BACKLOG = 1024
LAST_BYTES_S = 0.5
"""Seconds in which connections may send what was still to be sent when the house closes."""


class _Requests(h11.Connection):
    """Reads requests; what was wrong with one is told without what was sent."""

    def next_event(self) -> Any:  # noqa: ANN401 (as h11 has it)
        """What comes next.

        Raises:
            h11.RemoteProtocolError: without a word of the request, and without its frames.
        """
        try:
            return super().next_event()
        except h11.RemoteProtocolError as error:
            status = error.error_status_hint
            forget_frames(error)
        raise h11.RemoteProtocolError("not HTTP", status)


class _Http11(H11Protocol):
    """HTTP/1.1 and nothing else."""

    def __init__(self, *args: Any) -> None:  # noqa: ANN401 (as Hypercorn has them)
        super().__init__(*args)
        self.connection = _Requests(
            h11.SERVER, max_incomplete_event_size=self.config.h11_max_incomplete_size
        )

    async def _check_protocol(self, event: h11.Request) -> None:
        """Stay with HTTP/1.1, whatever upgrade is asked for."""


class _Connection(TCPServer):
    """One connection: an optional PROXY line, then requests."""

    async def run(self) -> None:
        try:
            async with TaskGroup(self.loop) as task_group:
                self._task_group = task_group
                self.protocol = _Http11(  # type: ignore[assignment]
                    self.app,
                    self.config,
                    self.context,
                    task_group,
                    ConnectionState(self.state),
                    False,
                    None,
                    None,
                    self.protocol_send,
                )
                await self.idle_task.restart(task_group, self._idle_timeout)
                await self._read_data()
                # Else a connection whose visitor has gone would be kept until it counts as idle.
                await self.idle_task.stop()
        except OSError:
            pass
        finally:
            await self._close()
            # The two know each other: else what came last would stay with them.
            self.protocol = None  # type: ignore[assignment]
            forget_frames(self.reader.exception())

    async def protocol_send(self, event: Event) -> None:
        """Send something; who takes nothing of it for `WRITE_S` is hung up on.

        A visitor that never reads would else keep what was to be sent, and whatever sends it,
        for as long as they like, also after everything of theirs was forgotten.
        """
        try:
            async with asyncio.timeout(WRITE_S):
                await super().protocol_send(event)
        except TimeoutError:
            self.writer.transport.abort()
            await self.protocol.handle(Closed())

    async def _read_data(self) -> None:
        data = await self._read_past_proxy_line()
        if not data:
            return
        while True:
            await self.protocol.handle(RawData(data))
            # What was handled must not stand here for as long as nothing comes: a stream's life.
            data = b""
            if self.reader.at_eof():
                break
            try:
                data = await self.reader.read(READ_BYTES)
            except OSError:
                break
        await self.protocol.handle(Closed())

    async def _read_past_proxy_line(self) -> bytes:
        """The first bytes of the first request; empty if the connection ended before."""
        data = b""
        while len(data) < PROXY_LINE_BYTES:
            try:
                more = await self.reader.read(READ_BYTES)
            except ConnectionError:
                return b""
            data += more
            if not more or not data.startswith(PROXY_PREFIX[: len(data)]):
                return data
            line, end, rest = data.partition(b"\r\n")
            if end and line.startswith(PROXY_PREFIX) and len(line) <= PROXY_LINE_BYTES - 2:
                return rest or await self.reader.read(READ_BYTES)
        return data


def _config() -> Config:
    config = Config()
    config.accesslog = None
    config.errorlog = None
    config.include_server_header = False
    config.include_date_header = False
    # Also the time for a head to end: Hypercorn counts a connection as idle until then.
    config.keep_alive_timeout = REQUEST_S
    return config


async def serve_http(app: Any, listening: socket.socket, stop: asyncio.Event) -> None:  # noqa: ANN401 any ASGI callable
    """Serve `app` on `listening` until `stop` is set.

    The caller ends long responses before it sets `stop`; what still runs `LAST_BYTES_S` later
    is cancelled.
    """
    loop = asyncio.get_running_loop()
    config, context = _config(), WorkerContext(None)
    connections: set[asyncio.Task[Any]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            connections.add(task)
            task.add_done_callback(connections.discard)
        await _Connection(ASGIWrapper(app), loop, config, context, {}, reader, writer)

    server = await asyncio.start_unix_server(connected, sock=listening, backlog=BACKLOG)
    try:
        await stop.wait()
    finally:
        server.close()
        # Idle connections end by themselves when they see this.
        await context.terminated.set()
        if connections:
            await asyncio.wait(connections, timeout=LAST_BYTES_S)
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
