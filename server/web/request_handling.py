"""Handles one request as Quart does, without tasks, timers and writes that are not needed here.

Quart runs two tasks for each request, one of which waits for the visitor to close the connection,
and a third one with a timer for the response; it sends a response in three parts. Here:

- a request has no further task, except while a form arrives in pieces
- a short response is sent in one part, a long one in pieces, each with a timeout of its own: the
  source archive takes five minutes on the slowest line, and is sent no faster than its pace on a
  fast one (see `downloads.py`)
- a `StreamResponse` is a head alone: its stream takes over the connection (see `http/asgi.py`)
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, cast

from quart import Request, Response
from quart.asgi import ASGIHTTPConnection
from quart.typing import ResponseTypes
from quart.utils import encode_headers
from quart.wrappers.request import Body
from quart.wrappers.response import DataBody

from server.http.asgi import EXTENSION, ConnectionExtension, Message, Receive, Send
from server.stream.live import LiveStream

from .downloads import MAX_DOWNLOAD_S, PIECE_S, Download
from .edge import headers
from .services import services_of

PIECE_BYTES = 2**15
"""Bytes of one part of a long response: 13 s on a line of 20 kbit/s."""


class StreamResponse(Response):
    """A response whose body is written by a stream.

    Args:
        stream: takes over the connection when the head is sent.
        own_headers: beside those of every response.
    """

    def __init__(self, stream: LiveStream, own_headers: dict[str, str]) -> None:
        super().__init__(
            b"", 200, {**headers.NO_STORE, **own_headers}, content_type=headers.HTML_TYPE
        )
        del self.headers["content-length"]
        self.stream = stream


class FormBody(Body):
    """The body of a request."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing of it is still to come."""
        return self._complete.is_set()


class AppRequest(Request):
    """A request of this application."""

    body_class = FormBody  # type: ignore[mutable-override]
    blueprints: list[str] = []  # noqa: RUF012 (as Quart has it)
    """Those whose own hooks and error handlers Quart would look for. None has any."""


class RequestHandler(ASGIHTTPConnection):
    """One request of the application, and its response."""

    async def __call__(self, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Handle it."""
        connection = cast(ConnectionExtension, self.scope["extensions"][EXTENSION])
        request = self._create_request_from_scope(cast(Any, send))
        is_read = self.scope["method"] != "POST"
        while not is_read and connection.has_message():
            message = await receive()
            if message["type"] != "http.request":
                return
            is_read = _append_body(message, request)
        if is_read:
            request.body.set_complete()
            await self._respond(request, receive, send, connection)
            return
        # No name for the task here: when cancelled it would keep this frame, and the frame it.
        reading = asyncio.ensure_future(self._read_form(request, receive, asyncio.current_task()))
        try:
            await self._respond(request, receive, send, connection)
        finally:
            reading.cancel()

    async def _read_form(
        self, request: Request, receive: Receive, responding: asyncio.Task[Any] | None
    ) -> None:
        """Pass on the body as it arrives; stop responding to a visitor who disconnects in it."""
        while (message := await receive())["type"] == "http.request":
            if _append_body(message, request):
                request.body.set_complete()
                return
        if responding is not None:
            responding.cancel()

    async def _respond(
        self, request: Request, receive: Receive, send: Send, connection: ConnectionExtension
    ) -> None:
        response = await self.app.handle_request(request)
        await _send_head(send, response)
        if isinstance(response, Download):
            try:
                async with asyncio.timeout(MAX_DOWNLOAD_S):
                    await _send_download(receive, send, response, connection)
            except TimeoutError:
                pass  # a body that is not complete closes the connection
            finally:
                services_of(self.app).downloads.end(response)
        elif isinstance(response, StreamResponse) and request.method != "HEAD":
            await _hand_over(response.stream, connection)
        elif isinstance(response.response, DataBody):
            await send_body(send, response.response.data)
        else:
            raise TypeError(f"nothing sends a body of {type(response.response).__name__}")


async def _hand_over(stream: LiveStream, connection: ConnectionExtension) -> None:
    try:
        await stream.open()
    except BaseException:
        stream.lost()
        raise
    connection.hand_over(stream)


def _append_body(message: Message, request: Request) -> bool:
    """Pass on a part of the body; whether it was the last."""
    request.body.append(message.get("body", b""))
    return not message.get("more_body", False)


async def _send_head(send: Send, response: ResponseTypes) -> None:
    head = encode_headers(response.headers)
    await send({"type": "http.response.start", "status": response.status_code, "headers": head})


async def send_body(send: Send, data: bytes) -> None:
    """Send all of it; each piece has as long as one may take."""
    for message in _pieces(data):
        await send(message)


async def _send_download(
    receive: Receive, send: Send, download: Download, connection: ConnectionExtension
) -> None:
    """Send all of it at its pace, as long as the visitor is there."""
    for message in _pieces(cast(DataBody, download.response).data):
        sent_s = asyncio.get_running_loop().time()
        await send(message)
        while connection.has_message():
            if (await receive())["type"] != "http.request":
                return
        if message["more_body"]:
            await asyncio.sleep(sent_s + PIECE_S - asyncio.get_running_loop().time())


def _pieces(data: bytes) -> Iterator[Message]:
    """Cut a body into the messages that send it; an empty body is one piece."""
    for first in range(0, max(1, len(data)), PIECE_BYTES):
        more = first + PIECE_BYTES < len(data)
        piece = data[first : first + PIECE_BYTES]
        yield {"type": "http.response.body", "body": piece, "more_body": more}
