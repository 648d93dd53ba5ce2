"""The one file that knows Hypercorn's inside: one connection, and the requests on it.

Hypercorn's own `TCPServer` cannot be used as it is, for these reasons, measured on 0.18:

- It answers 400 to the PROXY line that tor puts before the first request of a connection when it is
  told to name circuits. Here that line is read off first (see `proxy_protocol.py`).
- It upgrades to HTTP/2 in clear text and to websockets. Here only HTTP/1.1 and 1.0 are spoken.
- It waits without a limit for a visitor who takes nothing of what lies with asyncio, and for an
  application that does not read a body. Here every wait has a limit (see `timeouts.py`).
- It keeps what was sent longer than it needs to, in tasks that wait and in reference cycles.
- It makes a task for each request that waits until the next one is late, and writes head and body
  of a response apart. Here a connection has one timer, and a short response is one write.
- It does not know how much processor time a request takes, nor can it let one wait. Here each turn
  of its tasks is timed where circuits are known, and a request of a circuit in debt waits for its
  turn before the application sees it (see `metered.py` and `circuits.py`).
- It keeps two tasks, two queues and a parser for each open response. Here a stream takes over its
  connection when its head is sent (see `asgi.py`).

What is touched: `TCPServer.run`, `protocol_send` and `_read_data`; of `H11Protocol` the connection,
`_check_protocol`, `_create_stream`, `_close_stream`, `_send_h11_event` and `_maybe_recycle`; that
`receive` and `app_put` are methods of one queue; that `TaskGroup.spawn` makes all tasks. The lock
file pins the version, tests hold the behaviour, and `check_version` stops the start with another
version.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from functools import partial
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

from server.core.errors import OperatorError
from server.core.ids import CircuitKey
from server.http import timeouts
from server.http.asgi import EXTENSION, App, ConnectionExtension, Receive, Scope, Send
from server.http.circuits import CircuitConnection, Circuits
from server.http.metered import Meter
from server.http.proxy_protocol import READ_BYTES, circuit_id_in, read_proxy_line
from server.http.reader_protocol import ReaderProtocol, Wire
from server.http.ready import ReadyResponse
from server.http.stream_connection import StreamConnection, StreamConnections
from server.http.timeouts import Timeouts
from server.http.tracebacks import drop_tracebacks
from server.stream.transport import StreamProtocol

KNOWN_VERSION = "0.18.0"
"""Of Hypercorn: the one whose inside is as this file takes it to be."""

VERSION = version("hypercorn")

TOO_MANY = b"HTTP/1.1 503 \r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
"""Sent on a connection over the limit of its circuit."""

END = h11.EndOfMessage()

_CONFIG = Config()
_CONFIG.accesslog = _CONFIG.errorlog = None
_CONFIG.include_server_header = _CONFIG.include_date_header = False


class _Requests(h11.Connection):
    """Parses requests; its errors hold nothing of what was sent.

    An empty line before a request is passed over: some browsers (w3m) end the body of a form with
    one. Only one, so that nobody keeps a connection open by sending nothing else. w3m speaks
    HTTP/1.0, so its empty line can also come where nothing but the end is expected.

    Source: RFC 9112, section 2.2.
    """

    _has_passed_line = False

    def next_event(self) -> Any:  # noqa: ANN401 (as h11 has it)
        """The next event.

        Raises:
            h11.RemoteProtocolError: without a word of the request, and without its traceback.
        """
        try:
            if self.their_state in (h11.IDLE, h11.MUST_CLOSE) and not self._has_passed_line:
                before = self._receive_buffer._data
                if before == b"\r" and not self._receive_buffer_closed:
                    return h11.NEED_DATA
                if before.startswith(b"\r\n"):
                    self._has_passed_line = True
                    self._receive_buffer.maybe_extract_at_most(2)
            event = super().next_event()
            if isinstance(event, h11.Request):
                self._has_passed_line = False
            return event
        except h11.RemoteProtocolError as error:
            status = error.error_status_hint
            drop_tracebacks(error)
        raise h11.RemoteProtocolError("not HTTP", status)


def check_version() -> None:
    """Pass if the installed Hypercorn is the known one.

    Raises:
        OperatorError: otherwise.
    """
    if VERSION != KNOWN_VERSION:
        raise OperatorError(
            f"hypercorn {VERSION} is installed, and this program works with {KNOWN_VERSION} only",
            "install the versions of the lock file: requirements/run.lock",
        )


class _Http11(H11Protocol):
    """HTTP/1.1 and 1.0, and nothing else.

    Args:
        hand_over: called when a request is answered; whether a stream took the connection over.
        turn: waits until a request may be served.
        args: as Hypercorn has them.
    """

    def __init__(
        self,
        hand_over: Callable[[], bool],
        turn: Callable[[], Awaitable[None]],
        *args: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args)
        self._hand_over = hand_over
        self._turn = turn
        self._head = b""
        self.connection = _Requests(
            h11.SERVER, max_incomplete_event_size=self.config.h11_max_incomplete_size
        )

    async def _check_protocol(self, event: h11.Request) -> None:
        """Stay with HTTP/1, whatever upgrade is asked for; wait until it is this request's turn."""
        await self._turn()

    async def _create_stream(self, request: h11.Request) -> None:
        """As in `H11Protocol`, without its websockets, which the idle timeout does not reach."""
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
        """Tell the application, without waiting until it has read the body: it may never do so."""
        stream, self.stream = self.stream, None
        if stream is None or stream.closed:
            return
        stream.closed = True
        queue: asyncio.Queue[Any] = stream.app_put.__self__  # type: ignore[union-attr]
        while queue.full():
            queue.get_nowait()
        queue.put_nowait({"type": "http.disconnect"})

    async def _send_h11_event(self, event: H11SendableEvent) -> None:
        """Send a head together with what follows it: each write is at least one cell."""
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

    async def send_ready(self, response: ReadyResponse, *, is_head: bool) -> None:
        """Send a whole response that was made before, as `HTTPStream` would send it.

        Args:
            response: the head is sent as it is, if it is not the last one of this connection.
            is_head: whether the request has the method HEAD.
        """
        is_last = self.keep_alive_requests >= self.config.keep_alive_max_requests
        await self._send_h11_event(response.last_head() if is_last else response.head)
        if response.body.data and not is_head:
            await self._send_h11_event(response.body)
        await self._send_h11_event(END)
        await self._maybe_recycle()

    @property
    def is_body_missing(self) -> bool:
        """Whether a request has begun, and the visitor still has to send some of it."""
        return self.connection.their_state is h11.SEND_BODY

    def take_head(self) -> bytes:
        """The head of a response that is not sent yet; else empty."""
        head, self._head = self._head, b""
        return head

    async def _maybe_recycle(self) -> None:
        if self._hand_over():
            await self._close_stream()
        else:
            await super()._maybe_recycle()


class _MeteredTasks(TaskGroup):
    """The tasks of one connection; their turns are charged to its circuit."""

    def __init__(self, loop: asyncio.AbstractEventLoop, meter: Meter) -> None:
        super().__init__(loop)
        self._meter = meter

    def spawn(self, func: Callable[..., Any], *args: Any) -> None:  # noqa: ANN401
        """See `TaskGroup`."""
        self._task_group.create_task(self._meter.metered(func(*args)))


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where one connection is counted, if circuits are known."""

    circuits: Circuits
    meter: Meter


class Connection(TCPServer):
    """One connection: an optional PROXY line, then requests; perhaps a stream after them.

    Args:
        app: any ASGI application.
        streams: the connections that streams have taken over.
        wire: the connection itself.
        ledger: where it is counted; `None` if PROXY lines are not to be believed.
    """

    def __init__(
        self, app: App, streams: StreamConnections, wire: Wire, ledger: Ledger | None = None
    ) -> None:
        loop, wrapper = (
            asyncio.get_running_loop(),
            ASGIWrapper(cast(ASGIFramework, self._serve_with_extension)),
        )
        super().__init__(wrapper, loop, _CONFIG, WorkerContext(None), {}, wire.reader, wire.writer)
        self._asgi_app = app
        self._streams = streams
        self._switch = wire.switch
        self._ledger = ledger
        self._joined: CircuitConnection | None = None
        """Its place among the connections of its circuit, until that is given to a stream."""

        self._heard_s = loop.time()
        self._stream: StreamProtocol | None = None
        """What takes the connection over when the application has answered."""

        self._is_chunked = True

        self.timeouts = Timeouts(wire.writer)
        self._is_handed = False
        self._is_done = False
        """Whether nothing more is to be read."""

        self._running: asyncio.Task[Any] | None = None

    async def run(self) -> None:
        """See `TCPServer`."""
        self._running = asyncio.current_task()
        try:
            async with self._tasks() as task_group:
                self._task_group = task_group
                self.protocol = _Http11(  # type: ignore[assignment]
                    self._hand_over_if_requested,
                    self._turn,
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
            if self._stream is not None:
                self._stream.lost()
            self.timeouts.end()
            try:
                if not self._is_handed:
                    await self.timeouts.close()
            finally:
                if self._joined is not None:
                    self._joined.leave()
                # Break the reference cycle: else what was received last would stay with it.
                self.protocol = None  # type: ignore[assignment]
                self.app = None  # type: ignore[assignment]
                drop_tracebacks(self.reader.exception())

    @property
    def circuit(self) -> CircuitKey | None:
        """The circuit that it came through, if that is known."""
        return None if self._joined is None else self._joined.key

    @property
    def silent_since_s(self) -> float | None:
        """Since when it waits for its visitor, by the loop's clock.

        `None` if a whole request was received and is not answered yet, and if it waits for less
        than `SILENT_S`.
        """
        since_s = self.timeouts.idle_since_s
        if since_s is None:
            protocol = cast(_Http11 | None, self.protocol)
            since_s = self._heard_s if protocol is not None and protocol.is_body_missing else None
        if since_s is None or self.loop.time() - since_s < timeouts.SILENT_S:
            return None
        return since_s

    def set_paused(self, paused: bool) -> None:
        """Read nothing more, or go on reading: see `circuits.py`."""
        self._switch.set_in_debt(paused)
        self.timeouts.set_paused(paused)

    def abort(self) -> None:
        """Close it at once."""
        self.timeouts.abort()

    def _tasks(self) -> TaskGroup:
        if self._ledger is None:
            return TaskGroup(self.loop)
        return _MeteredTasks(self.loop, self._ledger.meter)

    async def _turn(self) -> None:
        """Wait until a request of this connection's circuit may be served."""
        if self._joined is not None:
            await self._joined.turn()

    async def _serve_with_extension(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Offer the application what `ConnectionExtension` has."""
        if scope["type"] == "http":
            self._is_chunked = scope["http_version"] == "1.1"
            queue: asyncio.Queue[Any] = receive.__self__  # type: ignore[attr-defined]
            scope["extensions"][EXTENSION] = ConnectionExtension(
                *(self._set_stream, queue.qsize, self.circuit),
                partial(self._send_ready, is_head=scope["method"] == "HEAD"),
            )
        await self._asgi_app(scope, receive, send)

    def _set_stream(self, stream: StreamProtocol) -> None:
        """See `ConnectionExtension`."""
        self._stream = stream

    async def _send_ready(self, response: ReadyResponse, *, is_head: bool) -> None:
        """See `ConnectionExtension`."""
        await cast(_Http11, self.protocol).send_ready(response, is_head=is_head)

    def _hand_over_if_requested(self) -> bool:
        """Give the connection to a stream, if the application has asked for that."""
        stream, self._stream = self._stream, None
        if stream is None:
            return False
        transport = cast(asyncio.Transport, self.writer.transport)
        # A connection that is lost has no protocol any more.
        if transport.is_closing() or cast(ReaderProtocol, transport.get_protocol()).has_eof:
            # The visitor has closed their side, and that was seen already.
            stream.lost()
            return False
        self._is_handed = True
        joined, self._joined = self._joined, None
        connection = StreamConnection(
            *(transport, stream, self._streams), is_chunked=self._is_chunked, joined=joined
        )
        # In an empty context: what waits for the connection must not hold this request.
        Context().run(connection.begin, cast(_Http11, self.protocol).take_head())
        self._end_reading()
        return True

    async def _read_until_done(self) -> None:
        try:
            await self._read_data()
        except asyncio.CancelledError:
            # If it was cancelled from elsewhere, too, it must end.
            if not self._is_done or self._running is None or self._running.uncancel():
                raise
        finally:
            self._running = None  # the rest ends by itself, and must not be cancelled

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
        """Stop reading: release what waits for more of a request, or for its turn."""
        if self._running not in (None, asyncio.current_task()):
            self._is_done = True
            self._running.cancel()

    async def _read_data(self) -> None:
        line, data = await read_proxy_line(self.reader)
        if not self._join_circuit(line):
            self.writer.write(TOO_MANY)
            return
        line = b""
        data = data or await self.reader.read(READ_BYTES)
        if not data:
            return
        while True:
            self._heard_s = self.loop.time()
            await self.protocol.handle(RawData(data))
            # What was handled must not stay here until something else comes.
            data = b""
            if self.reader.at_eof():
                break
            try:
                data = await self.reader.read(READ_BYTES)
            except OSError:
                break
        await self.protocol.handle(Closed())

    def _join_circuit(self, line: bytes) -> bool:
        """Count this connection on the circuit that its PROXY line names.

        Returns:
            `False` if that circuit has too many connections.
        """
        circuit_id = None if self._ledger is None else circuit_id_in(line)
        if self._ledger is None or circuit_id is None:
            return True
        self._joined = self._ledger.circuits.join(circuit_id, self)
        if self._joined is None:
            return False
        self._ledger.meter.paid_by(self._joined.payer)
        return True
