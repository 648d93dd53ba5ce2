"""Answers one request: as Quart does it, without what nobody here needs.

Quart runs two tasks for each request, one of which waits for the visitor to hang up, and a third
one, with a timer, for its answer; it sends an answer in three parts. Where our own listener serves
(`server/http/listener.py`), which offers to hand connections over, that is left out:

- a request has no further task; but a form has one that comes in pieces, until it is read
- an answer is sent in one part if it is short, and in pieces if it is long, each with time of its
  own: the archive of the source takes five minutes on the slowest line
- the connection of a stream is handed over when its head is sent, see `server/http/asgi.py`

Anywhere else, in tests or under another server, all goes as Quart does it, and streams go the slow
way (`livebody.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from quart import Request
from quart.asgi import ASGIHTTPConnection
from quart.typing import ResponseTypes
from quart.utils import encode_headers
from quart.wrappers.response import DataBody

from server.http.asgi import EXTENSION, IS_WAITING, HandOver, Message, Receive, Send

from .feeds.stream_response import LiveBody

PIECE_BYTES = 2**15
"""Of a long answer: what a line of 20 kbit/s takes in a quarter of a minute."""


class RequestHandler(ASGIHTTPConnection):
    """One request of the application, and its answer."""

    async def __call__(self, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Answer it."""
        if EXTENSION not in self.scope["extensions"]:
            await super().__call__(cast(Any, receive), cast(Any, send))
            return
        request = self._create_request_from_scope(cast(Any, send))
        is_waiting = cast(Callable[[], bool], self.scope["extensions"][IS_WAITING])
        is_read = self.scope["method"] != "POST"
        while not is_read and is_waiting():
            message = await receive()
            if message["type"] != "http.request":
                return
            is_read = _take(message, request)
        if is_read:
            request.body.set_complete()
            await self._answer(request, send)
            return
        # No name for the task here: cancelled, it would keep this frame, and the frame it.
        reading = asyncio.ensure_future(self._read_form(request, receive, asyncio.current_task()))
        try:
            await self._answer(request, send)
        finally:
            reading.cancel()

    async def _read_form(
        self, request: Request, receive: Receive, answering: asyncio.Task[Any] | None
    ) -> None:
        """Hand on what comes of the body; end the answering of a visitor who hangs up in it."""
        while (message := await receive())["type"] == "http.request":
            if _take(message, request):
                request.body.set_complete()
                return
        if answering is not None:
            answering.cancel()

    async def _answer(self, request: Request, send: Send) -> None:
        response = await self.app.handle_request(request)
        await _start(send, response)
        body = response.response
        if isinstance(body, LiveBody):
            await self._hand_over(body)
        elif isinstance(body, DataBody):
            await _send_data(send, body.data)
        else:
            raise TypeError(f"an answer of {type(body).__name__} is sent by nobody")

    async def _hand_over(self, body: LiveBody) -> None:
        hand_over = cast(HandOver, self.scope["extensions"][EXTENSION])
        try:
            await body.live.open()
        except BaseException:
            body.live.lost()
            raise
        hand_over(body.live)


def _take(message: Message, request: Request) -> bool:
    """Hand a part of the body on; whether it was the last."""
    request.body.append(message.get("body", b""))
    return not message.get("more_body", False)


async def _start(send: Send, response: ResponseTypes) -> None:
    head = encode_headers(response.headers)
    await send({"type": "http.response.start", "status": response.status_code, "headers": head})


async def _send_data(send: Send, data: bytes) -> None:
    """Send all of it; each piece has as long as one may take."""
    for first in range(0, max(1, len(data)), PIECE_BYTES):
        more = first + PIECE_BYTES < len(data)
        piece = data[first : first + PIECE_BYTES]
        await send({"type": "http.response.body", "body": piece, "more_body": more})
