"""The end of each draw, for which the answers to requests for a match wait.

A request waits on one event that all others wait on, too: it holds neither a connection of its own
nor a place in any table of the store, and a visitor who disconnects takes only their own wait away.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import Protocol


class Draws(Protocol):
    """Lets a request wait for a draw."""

    async def next_one(self) -> None:
        """Return when the next draw has ended, or the server is about to stop."""


class PeriodicDraws:
    """The draws of a running server.

    Args:
        every_s: seconds between two draws; twice as long is the longest wait for one, however slow
            the server is.
    """

    def __init__(self, every_s: float) -> None:
        self._longest_s = 2 * every_s
        self._ended = asyncio.Event()
        self._is_closed = False

    async def next_one(self) -> None:
        """See `Draws`."""
        if self._is_closed:
            return
        ended = self._ended
        try:
            async with asyncio.timeout(None) as limit:
                # In an empty context: the event loop keeps a cancelled timer until its time, and
                # with it the context, which has the request and its cookie.
                due_s = asyncio.get_running_loop().time() + self._longest_s
                Context().run(limit.reschedule, due_s)
                del limit
                await ended.wait()
        except TimeoutError:
            return

    def announce(self) -> None:
        """A draw has ended: answer everybody who waits for it."""
        ended, self._ended = self._ended, asyncio.Event()
        ended.set()

    def close(self) -> None:
        """The server stops: nobody waits any longer, or again."""
        self._is_closed = True
        self.announce()
