"""The timeouts of one connection: for a request, for taking what is sent, for closing.

Every wait has a limit. Else a visitor who sends nothing, or takes nothing, would keep a connection,
and what is sent on it, for as long as they like.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast

from server.core.limits import REQUEST_S, WRITE_S

SILENT_S = 1.0
"""Seconds after which a connection that waits for its visitor may be closed to make room. One that
is younger may have a request that has arrived and is not read yet."""


class Timeouts:
    """The timeouts of one connection.

    Args:
        writer: the connection.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._idle_since_s: float | None = self._loop.time()
        """Since when there is no request; `None` while one is answered."""

        self._timer: asyncio.TimerHandle | None = None
        self._is_paused = False
        # Wait for everything that the kernel has not taken, not only for what is over 64 KiB.
        writer.transport.set_write_buffer_limits(high=0)

    def begin(self) -> None:
        """From now on abort the connection if no complete request comes within `REQUEST_S`."""
        since_s, wait_s = self._idle_since_s, REQUEST_S
        if since_s is not None and not self._is_paused:
            wait_s = since_s + REQUEST_S - self._loop.time()
        if wait_s <= 0:
            self.abort()
        else:
            # One timer for the connection, not one for each request.
            self._timer = self._loop.call_later(wait_s, self.begin)

    def note(self, *, idle: bool) -> None:
        """Note that a request has come, or was answered."""
        self._idle_since_s = self._loop.time() if idle else None

    @property
    def idle_since_s(self) -> float | None:
        """Since when there is no request, by the loop's clock; `None` while one is answered."""
        return self._idle_since_s

    def set_paused(self, paused: bool) -> None:
        """Note whether nothing is read: then no time passes for the visitor."""
        self._is_paused = paused
        if not paused and self._idle_since_s is not None:
            self._idle_since_s = self._loop.time()

    def close_if_idle(self) -> None:
        """Close an idle connection: the server is closing."""
        if self._idle_since_s is not None:
            self._writer.close()

    async def until_sent(self) -> bool:
        """Wait until the visitor has taken everything; whether the connection is still open.

        A visitor who takes nothing for `WRITE_S` is cut off.
        """
        transport = self._writer.transport
        # A short response is with the kernel by now.
        if transport.is_closing() or not transport.get_write_buffer_size():
            return not transport.is_closing()
        try:
            async with asyncio.timeout(WRITE_S):
                await self._writer.drain()
        except TimeoutError:
            self.abort()
        except (ConnectionError, RuntimeError):
            pass
        return not transport.is_closing()

    async def close(self) -> None:
        """Send what is left, and close; within `WRITE_S`."""
        limit = self._loop.call_later(WRITE_S, self.abort)
        try:
            with suppress(OSError, RuntimeError):
                self._writer.write_eof()
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        except asyncio.CancelledError:
            self.abort()
        finally:
            limit.cancel()

    def abort(self) -> None:
        """Close at once, and drop what is not sent."""
        transport = cast(asyncio.Transport, self._writer.transport)
        # `abort()` raises on a transport that has closed and released its protocol.
        if transport.get_protocol() is not None:
            transport.abort()

    def end(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
