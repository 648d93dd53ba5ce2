"""A connection that one stream has for itself: what is written goes to the socket at once.

There is no task and no queue. The only buffer is what the kernel did not take of a chunk, or of the
page of events that the chunk is part of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from functools import partial

from server.core.cells import unframe
from server.core.limits import MAX_RAW_BODY_BYTES, WRITE_S
from server.http.circuits import CircuitConnection
from server.stream.transport import StreamProtocol


class StreamConnections:
    """All that are open.

    Args:
        on_close: called when one has closed.
    """

    def __init__(self, on_close: Callable[[], None] = lambda: None) -> None:
        self._on_close = on_close
        self._open: set[StreamConnection] = set()
        self._none_is_open = asyncio.Event()
        self._none_is_open.set()

    def add(self, connection: StreamConnection) -> None:
        """Add one that was just opened."""
        self._open.add(connection)
        self._none_is_open.clear()

    def __len__(self) -> int:
        return len(self._open)

    def discard(self, connection: StreamConnection) -> None:
        """Remove one that is closed. Idempotent."""
        self._open.discard(connection)
        if not self._open:
            self._none_is_open.set()
        self._on_close()

    async def end(self, within_s: float) -> None:
        """Wait until all are closed; cut those that are not by then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._none_is_open.wait()
        for connection in list(self._open):
            connection.cut()


class StreamConnection(asyncio.Protocol):
    """One connection; a `StreamTransport`.

    Args:
        transport: the connection. Its protocol is this object from now on.
        stream: writes to it.
        connections: this one is among them until it is closed.
        is_chunked: whether the response is in chunks, as HTTP/1.1 has it. In HTTP/1.0 the chunks'
            framing is taken off, and the end of the connection ends the body.
        joined: its place among the connections of its circuit, if that is known.
    """

    __slots__ = (
        *("_connections", "_is_chunked", "_joined", "_junk_bytes", "_stream", "_timer"),
        *("_transport", "is_paused", "write"),
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        stream: StreamProtocol,
        connections: StreamConnections,
        *,
        is_chunked: bool = True,
        joined: CircuitConnection | None = None,
    ) -> None:
        self._transport = transport
        self._joined = joined
        if joined is not None:
            joined.hand_over()
        self._is_chunked = is_chunked
        self.write: Callable[[bytes], object] = self._direct_write()
        """See `StreamTransport`. In chunks it is the transport's own: each delivery calls it."""

        self._stream: StreamProtocol | None = stream
        self._connections = connections
        self.is_paused = False
        self._junk_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, head: bytes = b"") -> None:
        """Take the connection over, and attach the stream.

        Args:
            head: of the response; sent together with what the stream writes first.
        """
        transport, stream = self._transport, self._stream
        if stream is None or transport.is_closing():
            self.connection_lost(None)
            return
        self._connections.add(self)
        transport.set_protocol(self)
        # What the kernel does not take must be no more than the rest of one chunk.
        transport.set_write_buffer_limits(high=0)
        # Bytes behind the request may have paused reading; then a close would not be seen.
        transport.resume_reading()
        if head:
            self.write = partial(self._write_behind, head)
        stream.attach(self)
        if self.is_paused:
            # Paused before `set_protocol()`: asyncio does not call `pause_writing()` again.
            stream.pause()

    def _direct_write(self) -> Callable[[bytes], object]:
        return self._transport.write if self._is_chunked else self._write_unframed

    def _write_behind(self, head: bytes, chunk: bytes) -> None:
        self.write = self._direct_write()
        self._transport.write(head + (chunk if self._is_chunked else unframe(chunk)))

    def _write_unframed(self, chunk: bytes) -> None:
        self._transport.write(unframe(chunk))

    def finish(self, closing: bytes) -> None:
        """See `StreamTransport`."""
        self.write(closing)
        self._transport.close()
        if self.is_paused:
            # A reader that takes nothing must not keep it open.
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(WRITE_S, self._transport.abort, context=Context())

    def cut(self) -> None:
        """See `StreamTransport`."""
        self._transport.abort()

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self.is_paused = True
        if self._stream is not None:
            self._stream.pause()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self.is_paused = False
        if self._stream is not None:
            self._stream.resume()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`. No browser sends anything here, and nothing reads it."""
        self._junk_bytes += len(data)
        if self._junk_bytes > MAX_RAW_BODY_BYTES:
            self._transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        stream, self._stream = self._stream, None
        # Break the reference cycle: `write` may be a method of this object.
        self.write = self._transport.write
        self._connections.discard(self)
        joined, self._joined = self._joined, None
        if joined is not None:
            joined.leave()
        if self._timer is not None:
            self._timer.cancel()
        if stream is not None:
            stream.lost()
