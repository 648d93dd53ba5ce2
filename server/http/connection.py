"""The one file that knows Hypercorn's inside: one connection, and the requests on it.

Hypercorn's own `TCPServer` cannot be used as it is, for these reasons, measured on 0.18:

- to the PROXY line that tor puts before the first request of a connection, when it is told to name
  circuits, it answers 400. Here it is read off first (see `proxyline.py`).
- it upgrades to HTTP/2 in clear and to websockets. Here HTTP/1.1 is all there is.
- it waits without a limit for who takes nothing of what lies with asyncio, and for an application
  that does not read a body. Here nothing is waited for so (see `timeouts.py`).
- it keeps what was sent longer than it needs it, in what waits for more and in circles of objects.
- it makes a task for each request that waits until the next is late, and writes head and body of an
  answer apart. Here a connection has one timer, and an answer that is short is one write.
- it keeps two tasks, two queues and a parser for each response that is open. Here the connection of
  a stream is handed over to it when its head is sent (see `handover.py`).

What is touched: `TCPServer.run`, `protocol_send` and `_read_data`; of `H11Protocol` the
connection, `_check_protocol`, `_create_stream`, `_close_stream`, `_send_h11_event` and
`_maybe_recycle`; that `receive` and `app_put` are methods of one queue. The lock file pins the
version, and tests hold the behaviour. In a version that is none of `KNOWN_VERSIONS` nothing is
offered to the application beyond ASGI, and streams go through the framework.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from importlib.metadata import version
from typing import Any, cast

import h11
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.task_group import TaskGroup
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.events import Request
from hypercorn.protocol.h11 import STREAM_ID, H11Protocol
from hypercorn.protocol.http_stream import HTTPStream
from hypercorn.typing import ASGIFramework, ConnectionState, H11SendableEvent

from server.http.asgi import EXTENSION, IS_WAITING, App, Receive, Scope, Send
from server.http.proxy_protocol import READ_BYTES, read_past_proxy_line
from server.http.reader_protocol import ReaderProtocol
from server.http.stream_connection import StreamConnection, StreamConnections
from server.http.timeouts import Timeouts
from server.http.tracebacks import drop_tracebacks
from server.stream.transport import StreamProtocol

KNOWN_VERSIONS = frozenset({"0.18.0"})
"""Of Hypercorn: those whose inside is known to be as it is taken for here."""

VERSION = version("hypercorn")


_CONFIG = Config()
_CONFIG.accesslog = _CONFIG.errorlog = None
_CONFIG.include_server_header = _CONFIG.include_date_header = False


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
            drop_tracebacks(error)
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
        self._head = b""
        self.connection = _Requests(
            h11.SERVER, max_incomplete_event_size=self.config.h11_max_incomplete_size
        )

    async def _check_protocol(self, event: h11.Request) -> None:
        """Stay with HTTP/1.1, whatever upgrade is asked for."""

    async def _create_stream(self, request: h11.Request) -> None:
        """As in `H11Protocol`, without its websockets, which no limit of idleness reaches."""
        self.stream = HTTPStream(
            *(self.app, self.config, self.context, self.task_group, self.ssl),
            *(self.client, self.server, self.stream_send, STREAM_ID),
        )
        await self.stream.handle(
            Request(
                stream_id=STREAM_ID,
                headers=list(request.headers),
                http_version=request.http_version.decode(),
                method=request.method.decode("ascii").upper(),
                raw_path=request.target,
                state=self.connection_state,
            )
        )
        self.keep_alive_requests += 1

    async def _close_stream(self) -> None:
        """Tell the application, without waiting until it has read the body: it may never."""
        stream, self.stream = self.stream, None
        if stream is None or stream.closed:
            return
        stream.closed = True
        queue: asyncio.Queue[Any] = stream.app_put.__self__  # type: ignore[union-attr]
        while queue.full():
            queue.get_nowait()
        queue.put_nowait({"type": "http.disconnect"})

    async def _send_h11_event(self, event: H11SendableEvent) -> None:
        """Send a head together with what comes behind it: each write is a cell at least."""
        try:
            data = self.connection.send(event)
        except h11.LocalProtocolError:
            if self.connection.their_state != h11.ERROR:
                raise
            return
        if isinstance(event, h11.Response):
            self._head = data
            return
        data = self.take_head() + (data or b"")
        if data:
            await self.send(RawData(data=data))

    def take_head(self) -> bytes:
        """The head of a response, if it is not sent yet."""
        head, self._head = self._head, b""
        return head

    async def _maybe_recycle(self) -> None:
        if self._hand_over():
            await self._close_stream()
        else:
            await super()._maybe_recycle()


class Connection(TCPServer):
    """One connection: an optional PROXY line, then requests; perhaps a stream after them.

    Args:
        app: any ASGI application.
        lines: those that were handed over, and are open.
        reader: what the visitor sends.
        writer: what they are sent.
    """

    def __init__(
        self,
        app: App,
        lines: StreamConnections,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        loop, wrapper = asyncio.get_running_loop(), ASGIWrapper(cast(ASGIFramework, self._offering))
        super().__init__(wrapper, loop, _CONFIG, WorkerContext(None), {}, reader, writer)
        self._asgi_app = app
        self._lines = lines
        self._speaker: StreamProtocol | None = None
        """What the connection was handed over to."""

        self.timeouts = Timeouts(writer)
        self._is_handed = False
        self._is_done = False
        """Whether nothing more is to be read."""

        self._running: asyncio.Task[Any] | None = None

    async def run(self) -> None:
        """See `TCPServer`."""
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
                self.timeouts.begin()
                with suppress(OSError):
                    await self._read_until_done()
        finally:
            if self._speaker is not None:
                self._speaker.lost()
            self.timeouts.end()
            try:
                if not self._is_handed:
                    await self.timeouts.close()
            finally:
                # They know each other: else what came last would stay with them.
                self.protocol = None  # type: ignore[assignment]
                self.app = None  # type: ignore[assignment]
                drop_tracebacks(self.reader.exception())

    async def _offering(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application hand this connection over."""
        if hands_over() and scope["type"] == "http" and scope["http_version"] == "1.1":
            scope["extensions"][EXTENSION] = self._take
            queue: asyncio.Queue[Any] = receive.__self__  # type: ignore[attr-defined]
            scope["extensions"][IS_WAITING] = queue.qsize
        await self._asgi_app(scope, receive, send)

    def _take(self, speaker: StreamProtocol) -> None:
        """See `handover.HandOver`."""
        self._speaker = speaker

    def _hand_over_now(self) -> bool:
        """Let go of the connection, if something is to have it."""
        speaker, self._speaker = self._speaker, None
        if speaker is None:
            return False
        transport = cast(asyncio.Transport, self.writer.transport)
        # A connection that is lost has no protocol any more to ask.
        if transport.is_closing() or cast(ReaderProtocol, transport.get_protocol()).has_ended:
            # Who says nothing more is gone, and their going has been seen already.
            speaker.lost()
            return False
        self._is_handed = True
        line = StreamConnection(transport, speaker, self._lines)
        # Nothing of this request may hang on what waits for the line.
        Context().run(line.begin, cast(_Http11, self.protocol).take_head())
        self._end_reading()
        return True

    async def _read_until_done(self) -> None:
        try:
            await self._read_data()
        except asyncio.CancelledError:
            # Cancelled from elsewhere too, it has to end.
            if not self._is_done or self._running is None or self._running.uncancel():
                raise
        finally:
            self._running = None  # the rest ends by itself, and is not to be cancelled

    async def protocol_send(self, event: Event) -> None:
        """Send something; see `timeouts.py` for who takes nothing of it."""
        if isinstance(event, RawData):
            if not self.writer.transport.is_closing():
                self.writer.write(event.data)
            if not await self.timeouts.until_sent():
                await self.protocol.handle(Closed())
                self._end_reading()
        elif isinstance(event, Closed):
            await self.timeouts.close()
            self._end_reading()
        elif isinstance(event, Updated):
            self.timeouts.note(idle=event.idle)

    def _end_reading(self) -> None:
        """Nothing more is read: let go of what waits for more of a request, or for its turn."""
        if self._running not in (None, asyncio.current_task()):
            self._is_done = True
            self._running.cancel()

    async def _read_data(self) -> None:
        data = await read_past_proxy_line(self.reader)
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
