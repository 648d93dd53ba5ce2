"""The slow way of a stream: as the body of a response that the framework sends.

It has a task and a queue of its own there. Streams go this way where a connection cannot be handed
over; see `answering.py`.

The body is a class and not an async generator, so that Quart's `async with` around the body
(quart/asgi.py) is what gives the stream back, on every way out: a closed room, a cancelled task,
or a visitor who is simply gone. A generator would leave that to the garbage collector.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from quart import Response, request
from quart.wrappers.response import ResponseBody

from server.core.cells import LAST_CHUNK, unframe
from server.stream.live import LiveStream
from server.web.edge import headers


class LiveBody(ResponseBody):
    """Hands a stream's chunks to the framework one at a time; an `StreamTransport`.

    Args:
        live: what speaks.
    """

    def __init__(self, live: LiveStream) -> None:
        self.live = live
        self._chunks: deque[bytes] = deque()
        self._is_over = False
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        try:
            await self.live.open()
            self.live.attach(self)
        except BaseException:
            self.live.lost()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._chunks.clear()
        self.live.lost()

    def write(self, chunk: bytes) -> None:
        """See `StreamTransport`: one waits here, and a second one would be too many."""
        self._chunks.append(unframe(chunk))
        self._news.set()
        self.live.pause()

    def finish(self, closing: bytes) -> None:
        """See `StreamTransport`."""
        self._chunks.append(unframe(closing.removesuffix(LAST_CHUNK)))
        self._end()

    def cut(self) -> None:
        """See `StreamTransport`."""
        self._chunks.clear()
        self._end()

    def _end(self) -> None:
        self._is_over = True
        self._news.set()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        # Asked for more: what was handed out before is sent.
        if not self._chunks and not self._is_over:
            self.live.resume()
        while not self._chunks:
            if self._is_over:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._chunks.popleft()


def stream_response(live: LiveStream, own_headers: dict[str, str]) -> Response:
    """A response that goes on for hours; for HEAD, its head alone.

    Args:
        live: what speaks.
        own_headers: beside those of every response.
    """
    response = Response(
        b"", 200, {**headers.NO_STORE, **own_headers}, content_type=headers.HTML_TYPE
    )
    response.headers.pop("content-length", None)
    if request.method == "HEAD":
        return response
    response.response = LiveBody(live)
    # Quart ends a response after 60 s otherwise.
    response.timeout = None
    return response
