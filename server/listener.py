"""The one file that knows Hypercorn's inside: serves an ASGI application on a listening socket.

Hypercorn's own `worker_serve` cannot be used as it is, for five reasons measured on 0.18:

- tor puts a PROXY line before the first request of a connection, when it is told to name
  circuits; Hypercorn answers 400 to it. Here it is read off first.
- it upgrades to HTTP/2 in clear (`Upgrade: h2c`) and offers that with a head of its own. Here
  HTTP/1.1 is all there is.
- at the end it leaves open streams running into a timeout. Here the caller ends the streams
  first, and what is left then is cancelled.
- it keeps what was sent longer than it needs it: in what waits for more, and in circles of objects
  that only the garbage collector takes apart, who knows when. Here these are let go at once.
- it keeps two tasks, two queues and a parser for each response that is open, and wakes a task for
  each chunk. Here the connection of a stream is handed over to it when its head is sent, and all
  of that is let go (see `handover.py`): 20 µs and 30 KiB became 3 µs and 6 KiB.

What is touched of Hypercorn: `TCPServer.run`, `protocol_send` and `_read_data`, and `H11Protocol`,
for the last of these `_maybe_recycle`. The lock file pins the version; tests hold the behaviour. No
connection is handed over in a version that is none of `KNOWN_VERSIONS`: streams then go through the
framework.

Source: the PROXY protocol, version 1 (HAProxy); tor's `HiddenServiceExportCircuitID haproxy`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.metadata import version
from typing import Any, cast

import h11
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.task_group import TaskGroup
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.typing import ASGIFramework, ConnectionState

from server.core.limits import REQUEST_S, WRITE_S
from server.frames import forget_frames
from server.handover import EXTENSION, Speaker
from server.openline import OpenLine, OpenLines

PROXY_PREFIX = b"PROXY "
PROXY_LINE_BYTES = 107
"""The longest line of version 1, its CRLF included."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[..., Awaitable[None]]

KNOWN_VERSIONS = frozenset({"0.18.0"})
"""Of Hypercorn: those whose inside is known to be as it is taken for here."""

VERSION = version("hypercorn")

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


def hands_over() -> bool:
    """Whether streams get their connections for themselves here."""
    return VERSION in KNOWN_VERSIONS


class _Http11(H11Protocol):
    """HTTP/1.1 and nothing else.

    Args:
        hand_over: called when a request is answered; whether its connection has been handed over.
        args: as Hypercorn has them.
    """

    def __init__(self, hand_over: Callable[[], bool], *args: Any) -> None:  # noqa: ANN401
        super().__init__(*args)
        self._hand_over = hand_over
        self.connection = _Requests(
            h11.SERVER, max_incomplete_event_size=self.config.h11_max_incomplete_size
        )

    async def _check_protocol(self, event: h11.Request) -> None:
        """Stay with HTTP/1.1, whatever upgrade is asked for."""

    async def _maybe_recycle(self) -> None:
        if self._hand_over():
            await self._close_stream()
        else:
            await super()._maybe_recycle()


class _Connection(TCPServer):
    """One connection: an optional PROXY line, then requests; perhaps a stream after them.

    Args:
        app: any ASGI application.
        lines: those that were handed over, and are open.
        args: as Hypercorn has them.
    """

    def __init__(self, app: App, lines: OpenLines, *args: Any) -> None:  # noqa: ANN401
        super().__init__(ASGIWrapper(cast(ASGIFramework, self._offering)), *args)
        self._asgi_app = app
        self._lines = lines
        self._speaker: Speaker | None = None
        """What the connection was handed over to."""

        self._is_handed = False
        self._running: asyncio.Task[Any] | None = None

    async def run(self) -> None:
        self._running = asyncio.current_task()
        try:
            async with TaskGroup(self.loop) as task_group:
                self._task_group = task_group
                self.protocol = _Http11(  # type: ignore[assignment]
                    self._hand_over_now,
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
                await self._read_unless_handed()
                # Else a connection whose visitor has gone would be kept until it counts as idle.
                await self.idle_task.stop()
        except OSError:
            pass
        finally:
            if not self._is_handed:
                await self._close()
            if self._speaker is not None:
                self._speaker.lost()
            # They know each other: else what came last would stay with them.
            self.protocol = None  # type: ignore[assignment]
            self.app = None  # type: ignore[assignment]
            self._running = None
            forget_frames(self.reader.exception())

    async def _offering(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application hand this connection over."""
        if hands_over() and scope["type"] == "http" and scope["http_version"] == "1.1":
            scope["extensions"][EXTENSION] = self._take
        await self._asgi_app(scope, receive, send)

    def _take(self, speaker: Speaker) -> None:
        """See `handover.HandOver`."""
        self._speaker = speaker

    def _hand_over_now(self) -> bool:
        """Let go of the connection, if there is something to hand it over to."""
        speaker, self._speaker = self._speaker, None
        if speaker is None:
            return False
        self._is_handed = True
        OpenLine(cast(asyncio.Transport, self.writer.transport), speaker, self._lines).begin()
        if self._running is not None:
            # It waits for more of a request, or for a body to be sent; neither comes.
            self._running.cancel()
        return True

    async def _read_unless_handed(self) -> None:
        try:
            await self._read_data()
        except asyncio.CancelledError:
            # Cancelled from elsewhere too, it has to end.
            if not self._is_handed or self._running is None or self._running.uncancel():
                raise

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
    config, context = _config(), WorkerContext(None)
    connections: set[asyncio.Task[None]] = set()
    lines = OpenLines()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(app, lines, loop, config, context, {}, reader, writer)
        task = loop.create_task(connection.run())
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await loop.create_unix_server(
        lambda: _Requesting(connected), sock=listening, backlog=BACKLOG
    )
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
        await lines.end(LAST_BYTES_S)
