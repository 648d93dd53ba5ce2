"""An HTTP client for the text browser: one cookie, manual redirects, streaming bodies.

h11 handles the protocol. The caller provides the connection: a Unix socket, or a circuit through
tor.
"""

from __future__ import annotations

import asyncio
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import h11

from .document import Document, WebForm, read_document

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Reply:
    """One response of the server."""

    path: str
    """The requested path, after redirects."""

    status: int
    headers: dict[str, str]
    """By lower-case name."""

    body: bytes
    wire_bytes: int = 0
    """Bytes received for this response, with its head and its framing."""

    @property
    def page(self) -> Document:
        """The body, parsed as a page."""
        return read_document(self.body.decode())


class TextBrowser:
    """One visitor: a cookie jar for one cookie, and a connection to the server.

    Args:
        connect: opens a stream to the server.
        host: the value of the `Host` header.
        headers: sent with every request.
    """

    def __init__(
        self, connect: Connect, host: str = "sottovoce", headers: Mapping[str, str] | None = None
    ) -> None:
        self._connect = connect
        self._host = host
        self._headers = dict(headers or {})
        self.cookie = ""

    async def get(self, path: str) -> Reply:
        """Request a page, and follow redirects."""
        return await self._follow(await self.request("GET", path))

    async def submit(self, form: WebForm, **fields: str) -> Reply:
        """Send a form with these fields filled in, and follow redirects."""
        return await self._follow(await self.post(form.action, {**form.fields, **fields}))

    async def post(self, path: str, fields: Mapping[str, str]) -> Reply:
        """Send fields to a path, without following a redirect."""
        return await self.request("POST", path, urlencode(fields).encode())

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request and read the whole response."""
        async with self._exchange(method, path, body, headers or {}) as exchange:
            chunks = [chunk async for chunk in exchange.chunks()]
            return Reply(
                path, exchange.status, exchange.headers, b"".join(chunks), exchange.wire_bytes
            )

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncIterator[Exchange]:
        """Open a response that may never end. Leaving the block closes it."""
        async with self._exchange("GET", path, b"", {}) as exchange:
            yield exchange

    @asynccontextmanager
    async def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> AsyncIterator[Exchange]:
        reader, writer = await self._connect()
        try:
            exchange = Exchange(reader)
            sent = {"host": self._host, **self._headers, **headers}
            if self.cookie:
                sent["cookie"] = self.cookie
            if body:
                sent["content-type"] = "application/x-www-form-urlencoded"
            if body or method == "POST":
                sent.setdefault("content-length", str(len(body)))
            writer.write(exchange.encode_request(method, path.partition("#")[0], sent, body))
            await writer.drain()
            await exchange.read_head()
            self._keep_cookie(exchange.headers.get("set-cookie", ""))
            yield exchange
        finally:
            writer.close()

    async def _follow(self, reply: Reply) -> Reply:
        for _ in range(MAX_REDIRECTS):
            if reply.status != 303:
                return reply
            reply = await self.request("GET", reply.headers["location"])
        raise RuntimeError("too many redirects")

    def _keep_cookie(self, set_cookie: str) -> None:
        if set_cookie:
            self.cookie = set_cookie.partition(";")[0]


class Exchange:
    """One request and its response, read as it arrives."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._http = h11.Connection(h11.CLIENT)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.wire_bytes = 0

    def encode_request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> bytes:
        """Return the request as bytes."""
        request = h11.Request(method=method, target=path, headers=list(headers.items()))
        parts = [self._http.send(request)]
        if body:
            parts.append(self._http.send(h11.Data(data=body)))
        parts.append(self._http.send(h11.EndOfMessage()))
        return b"".join(part or b"" for part in parts)

    async def read_head(self) -> None:
        """Wait for the status and the headers."""
        event = await self._next_event()
        if not isinstance(event, h11.Response):
            raise ConnectionError("the server closed the connection without a response")
        self.status = event.status_code
        self.headers = {name.decode(): value.decode() for name, value in event.headers}

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield each piece of the body as it arrives."""
        while True:
            event = await self._next_event()
            if not isinstance(event, h11.Data):
                return
            yield bytes(event.data)

    async def lines(self) -> AsyncIterator[Document]:
        """Yield each piece of a stream, parsed as a separate page: an event, or nothing."""
        decoder = getincrementaldecoder("utf-8")()  # a piece can end within a character
        async for chunk in self.chunks():
            yield read_document(decoder.decode(chunk))

    async def _next_event(self) -> object:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError:
                raise ConnectionError(
                    "the server closed the connection within a response"
                ) from None
            if event is not h11.NEED_DATA:
                return event
            data = await self._reader.read(2**16)
            self.wire_bytes += len(data)
            self._http.receive_data(data)
