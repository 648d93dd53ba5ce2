"""How long one connection is waited for: until it asks, until it takes what is sent, until it ends.

Nothing here is waited for without a limit: who sends nothing, or takes nothing, would else keep a
connection, and whatever is sent on it, for as long as they like.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast

from server.core.limits import REQUEST_S, WRITE_S


class Timeouts:
    """The limits of one connection.

    Args:
        writer: the connection.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._idle_since_s: float | None = self._loop.time()
        """Since when nothing was asked; `None` while something is answered."""

        self._timer: asyncio.TimerHandle | None = None
        # Whatever the kernel has not taken is waited for, and not only what is more than 64 KiB.
        writer.transport.set_write_buffer_limits(high=0)

    def begin(self) -> None:
        """Hang up, from now on, on who asks for nothing for `REQUEST_S`, or never ends a head."""
        since_s, wait_s = self._idle_since_s, REQUEST_S
        if since_s is not None:
            wait_s = since_s + REQUEST_S - self._loop.time()
        if wait_s <= 0:
            self.abort()
        else:
            # One timer for a connection, and not one for each request.
            self._timer = self._loop.call_later(wait_s, self.begin)

    def note(self, *, idle: bool) -> None:
        """A request has come, or was answered."""
        self._idle_since_s = self._loop.time() if idle else None

    def close_if_idle(self) -> None:
        """The house closes: nothing more is to be asked here."""
        if self._idle_since_s is not None:
            self._writer.close()

    async def until_sent(self) -> bool:
        """Wait until the visitor has taken all; whether they have, and are there.

        Who takes nothing of it for `WRITE_S` is hung up on.
        """
        transport = self._writer.transport
        # What is short is with the kernel by now, and there is nothing to wait for.
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
        """Send what is still to be sent, and end; within `WRITE_S`."""
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
        """Hang up, and drop what is not sent."""
        transport = cast(asyncio.Transport, self._writer.transport)
        # asyncio's own fails on a transport that is at its end, and has let go of its protocol.
        if transport.get_protocol() is not None:
            transport.abort()

    def end(self) -> None:
        """There is nothing to wait for any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
