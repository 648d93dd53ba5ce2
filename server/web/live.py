"""A response that stays open and grows: the body of the stream and of the waiting page.

The body is a class and not an async generator, so that Quart's `async with` around the body
(quart/asgi.py) is what gives the stream back, on every way out: a closed room, a cancelled task,
or a visitor who is simply gone. A generator would leave that to the garbage collector.

One chunk is one write is one cell (see `core/cells.py`): the body hands out one event at a time.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from types import TracebackType
from typing import Protocol, Self

from quart import Response, request
from quart.wrappers.response import ResponseBody

from server.core.cells import framed_bytes, pad_to_cells
from server.core.errors import VisitorError
from server.core.limits import HEARTBEAT_S
from server.core.roomlog import Wake
from server.store.base_streams import Notice, Stream, StreamEnd

from . import headers
from .counting import Counting

GONE = frozenset({StreamEnd.PANIC, StreamEnd.FORGOTTEN})
"""Ends after which not even what is ready to be sent is sent."""


class Feed(Protocol):
    """What a stream says."""

    @property
    def finished(self) -> bool:
        """Whether nothing will come any more, and the stream can end."""

    def hold(self, wake: Wake) -> AbstractAsyncContextManager[Stream]:
        """Take the session's one stream; `wake` is called when there is news."""

    async def news(self) -> list[str]:
        """What there is to say since the last call, an event each."""

    def forget(self) -> None:
        """Drop whatever is held of what was said, and what opens it."""

    async def beat(self) -> str:
        """What is said after a silence."""

    async def notice(self, notice: Notice) -> str:
        """What is for this reader alone; empty if there is nothing to say any more."""

    def farewell(self, end: StreamEnd) -> str:
        """The last event of a stream that must end."""


class LiveBody(ResponseBody):
    """Turns a feed into chunks of whole cells, until it is finished or told to end.

    Args:
        head: the document up to where the events go.
        feed: what to say.
        failures: where an unexpected exception is counted, by the name of its type. The stream
            then ends, and the browser asks for it again by itself.
        heartbeat_s: longest silence between chunks, in seconds. It is also how soon a visitor
            who vanished is noticed.
    """

    def __init__(
        self,
        head: str,
        feed: Feed,
        failures: Counter[str],
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._head = head
        self._feed = feed
        self._counting = Counting(failures)
        self._heartbeat_s = heartbeat_s
        self._news = asyncio.Event()
        self._stack = AsyncExitStack()
        self._stream: Stream | None = None
        self._queue: deque[str] = deque()
        self._ending = False
        self._sent_s = 0.0
        """When the last chunk was handed out, by the loop's clock."""

    async def __aenter__(self) -> Self:
        self._sent_s = asyncio.get_running_loop().time()
        # The view has asked whether there is a place; should it be gone by now, the page that
        # was promised already ends with a farewell.
        with self._counting, suppress(VisitorError):
            self._stream = await self._stack.enter_async_context(self._feed.hold(self._wake))
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self._stack.aclose()
        # The two know each other; what is let go of here is gone at once, with what it read.
        self._stream = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._head:
            head, self._head = self._head, ""
            return self._spent(head.encode())
        while not self._queue:
            if self._ending:
                raise StopAsyncIteration
            await self._fill_or_end()
        return self._spent(pad_to_cells(self._queue.popleft().encode()))

    def _spent(self, chunk: bytes) -> bytes:
        self._sent_s = asyncio.get_running_loop().time()
        if self._stream is not None:
            self._stream.sent_bytes += framed_bytes(len(chunk))
        return chunk

    def _wake(self) -> None:
        """There is news; after panic, and when the place here is gone, nothing of what was."""
        if self._stream is not None and self._stream.end in GONE:
            # At once: a reader who takes nothing does not come to ask for the next chunk.
            self._queue.clear()
            self._feed.forget()
        self._news.set()

    async def _fill_or_end(self) -> None:
        with self._counting:
            await self._fill()
            return
        self._ending = True

    async def _fill(self) -> None:
        """Put what is to be said next into the queue, or find that the stream ends."""
        # Clear, then read, then wait: what happens in between sets the event again, so it can
        # be looked at twice but not be lost.
        self._news.clear()
        end = self._stream.end if self._stream is not None else StreamEnd.STOPPED
        if end is not None:
            self._queue.append(self._feed.farewell(end))
            self._ending = True
            return
        self._queue.extend(await self._feed.news())
        await self._take_notices()
        self._ending = self._feed.finished
        if self._queue or self._ending:
            return
        try:
            # From the last chunk: what is hidden from this reader wakes it, and is no beat.
            async with asyncio.timeout_at(self._sent_s + self._heartbeat_s):
                await self._news.wait()
        except TimeoutError:
            self._queue.append(await self._feed.beat())

    async def _take_notices(self) -> None:
        while self._stream is not None and self._stream.notices:
            told = await self._feed.notice(self._stream.notices.popleft())
            if told:
                self._queue.append(told)


def stream_response(body: LiveBody, own_headers: dict[str, str]) -> Response:
    """A response with `body`, which may go on for hours; for HEAD, its head alone.

    Args:
        body: what streams.
        own_headers: beside those of every response.
    """
    response = Response(
        b"", 200, {**headers.NO_STORE, **own_headers}, content_type=headers.HTML_TYPE
    )
    response.headers.pop("content-length", None)
    if request.method == "HEAD":
        return response
    response.response = body
    # Quart ends a response after 60 s otherwise.
    response.timeout = None
    return response
