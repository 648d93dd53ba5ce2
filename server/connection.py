"""The one file that knows Hypercorn's inside: one connection, and the requests on it.

Hypercorn's own `worker_serve` and `TCPServer` cannot be used as they are, for these reasons,
measured on 0.18:

- tor puts a PROXY line before the first request of a connection, when it is told to name
  circuits; Hypercorn answers 400 to it. Here it is read off first (see `proxyline.py`).
- it upgrades to HTTP/2 in clear (`Upgrade: h2c`) and offers that with a head of its own. Here
  HTTP/1.1 is all there is.
- at the end it leaves open streams running into a timeout. Here the caller ends the streams
  first, and what is left then is cancelled (see `listener.py`).
- it keeps what was sent longer than it needs it: in what waits for more, and in circles of objects
  that only the garbage collector takes apart, who knows when. Here these are let go at once.
- for each request it makes a task that waits until the next one is late, and for each answer it
  writes head and body apart, each with a timer. Here a connection has one timer, and an answer that
  is short is one write: 250 µs of an empty answer instead of 350.
- it keeps two tasks, two queues and a parser for each response that is open, and wakes a task for
  each chunk. Here the connection of a stream is handed over to it when its head is sent, and all
  of that is let go (see `handover.py`): 3.4 µs for a delivery instead of some 90, 3.6 KiB for a
  stream instead of 40.

What is touched: `TCPServer.run`, `protocol_send` and `_read_data`; of `H11Protocol` the connection,
`_check_protocol`, `_send_h11_event` and `_maybe_recycle`; that `receive` is the method of a queue.
The lock file pins the version, and tests hold the behaviour. In a version that is none of
`KNOWN_VERSIONS` nothing is offered to the application beyond ASGI, and streams go through the
framework.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, cast

import h11
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.task_group import TaskGroup
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.typing import ASGIFramework, ConnectionState, H11SendableEvent

from server.core.limits import REQUEST_S, WRITE_S
from server.frames import forget_frames
from server.handover import EXTENSION, IS_WAITING, App, Receive, Scope, Send, Speaker
from server.openline import OpenLine, OpenLines
from server.proxyline import READ_BYTES, read_past_proxy_line

KNOWN_VERSIONS = frozenset({"0.18.0"})
"""Of Hypercorn: those whose inside is known to be as it is taken for here."""

VERSION = version("hypercorn")


def _config() -> Config:
    config = Config()
    config.accesslog = None
    config.errorlog = None
    config.include_server_header = False
    config.include_date_header = False
    return config


_CONFIG = _config()


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
        self._head = b""
        self.connection = _Requests(
            h11.SERVER, max_incomplete_event_size=self.config.h11_max_incomplete_size
        )

    async def _check_protocol(self, event: h11.Request) -> None:
        """Stay with HTTP/1.1, whatever upgrade is asked for."""

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
        lines: OpenLines,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        loop, wrapper = asyncio.get_running_loop(), ASGIWrapper(cast(ASGIFramework, self._offering))
        super().__init__(wrapper, loop, _CONFIG, WorkerContext(None), {}, reader, writer)
        self._asgi_app = app
        self._lines = lines
        self._speaker: Speaker | None = None
        """What the connection was handed over to."""

        self._is_handed = False
        self._idle_since_s: float | None = self.loop.time()
        """Since when nothing was asked; `None` while something is answered."""

        self._timer: asyncio.TimerHandle | None = None
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
                self._look_whether_idle()
                await self._read_unless_handed()
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
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            forget_frames(self.reader.exception())

    async def _offering(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application hand this connection over."""
        if hands_over() and scope["type"] == "http" and scope["http_version"] == "1.1":
            scope["extensions"][EXTENSION] = self._take
            queue: asyncio.Queue[Any] = receive.__self__  # type: ignore[attr-defined]
            scope["extensions"][IS_WAITING] = queue.qsize
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
        transport = cast(asyncio.Transport, self.writer.transport)
        OpenLine(transport, speaker, self._lines).begin(cast(_Http11, self.protocol).take_head())
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
        if isinstance(event, RawData):
            self.writer.write(event.data)
            transport = self.writer.transport
            # All that is short is with the kernel by now, and there is nothing to wait for.
            if transport.is_closing() or transport.get_write_buffer_size():
                await self._wait_until_sent()
        elif isinstance(event, Closed):
            await self._close()
        elif isinstance(event, Updated):
            self._idle_since_s = self.loop.time() if event.idle else None

    async def _wait_until_sent(self) -> None:
        try:
            async with asyncio.timeout(WRITE_S):
                await self.writer.drain()
        except TimeoutError:
            self.writer.transport.abort()
            await self.protocol.handle(Closed())
        except (ConnectionError, RuntimeError):
            await self.protocol.handle(Closed())

    def _look_whether_idle(self) -> None:
        """Hang up on who asks for nothing, or never ends a head."""
        since_s, wait_s = self._idle_since_s, REQUEST_S
        if since_s is not None:
            wait_s = since_s + REQUEST_S - self.loop.time()
        if wait_s <= 0:
            self.writer.close()
        else:
            # One timer for a connection, and not one for each request.
            self._timer = self.loop.call_later(wait_s, self._look_whether_idle)

    def close_if_idle(self) -> None:
        """The house closes: nothing more is to be asked here."""
        if self._idle_since_s is not None:
            self.writer.close()

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
