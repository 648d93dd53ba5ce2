"""A connection that a stream has for itself: what is written goes to the socket at once.

There is no task, no queue, and no buffer but for what the kernel did not take of a chunk, or of the
page of events that it was one of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from functools import partial

from server.core.limits import MAX_RAW_BODY_BYTES, WRITE_S
from server.stream.transport import StreamProtocol


class StreamConnections:
    """All that are open."""

    def __init__(self) -> None:
        self._lines: set[StreamConnection] = set()
        self._none_is_open = asyncio.Event()
        self._none_is_open.set()

    def add(self, line: StreamConnection) -> None:
        """This one is open."""
        self._lines.add(line)
        self._none_is_open.clear()

    def discard(self, line: StreamConnection) -> None:
        """This one is closed. Twice is as once."""
        self._lines.discard(line)
        if not self._lines:
            self._none_is_open.set()

    async def end(self, within_s: float) -> None:
        """Wait until all have ended; cut those that have not by then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._none_is_open.wait()
        for line in list(self._lines):
            line.cut()


class StreamConnection(asyncio.Protocol):
    """One connection; an `StreamTransport`.

    Args:
        transport: the connection. Its protocol is this one from now on.
        speaker: what speaks on it.
        lines: this one is among them until it is closed.
    """

    __slots__ = ("_is_full", "_junk_bytes", "_lines", "_speaker", "_timer", "_transport", "write")

    def __init__(
        self, transport: asyncio.Transport, speaker: StreamProtocol, lines: StreamConnections
    ) -> None:
        self._transport = transport
        self.write: Callable[[bytes], object] = transport.write
        """See `StreamTransport`. Nothing stands between: it is called for each delivery."""

        self._speaker: StreamProtocol | None = speaker
        self._lines = lines
        self._is_full = False
        self._junk_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, head: bytes = b"") -> None:
        """Take the connection, and let the speaker begin.

        Args:
            head: of the response; sent together with what the speaker says first.
        """
        transport, speaker = self._transport, self._speaker
        if speaker is None or transport.is_closing():
            self.connection_lost(None)
            return
        self._lines.add(self)
        transport.set_protocol(self)
        # What the kernel does not take is to be no more than the rest of one chunk.
        transport.set_write_buffer_limits(high=0)
        # What was sent after the request may have stopped it; else its end would not be seen.
        transport.resume_reading()
        if head:
            self.write = partial(self._write_behind, head)
        speaker.attach(self)
        if self._is_full:
            # So it was before, and nobody tells it again.
            speaker.pause()

    def _write_behind(self, head: bytes, chunk: bytes) -> None:
        self.write = self._transport.write
        self.write(head + chunk)

    def finish(self, closing: bytes) -> None:
        """See `StreamTransport`."""
        self.write(closing)
        self._transport.close()
        if self._is_full:
            # Whoever takes nothing may not keep it open.
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(WRITE_S, self._transport.abort, context=Context())

    def cut(self) -> None:
        """See `StreamTransport`."""
        self._transport.abort()

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._is_full = True
        if self._speaker is not None:
            self._speaker.pause()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._is_full = False
        if self._speaker is not None:
            self._speaker.resume()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`: no browser says anything here, and nobody listens."""
        self._junk_bytes += len(data)
        if self._junk_bytes > MAX_RAW_BODY_BYTES:
            self._transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        speaker, self._speaker = self._speaker, None
        # It knows this line, which knows it.
        self.write = self._transport.write
        self._lines.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        if speaker is not None:
            speaker.lost()
