"""A text browser without a network: it passes its requests directly to the application."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import cache

from quart import Quart
from quart.testing import QuartClient
from quart.typing import TestHTTPConnectionProtocol

from server.config.defaults import default_rooms
from server.core.cells import unframe
from server.core.ids import CircuitKey
from server.core.limits import ANSWER_DRAWS, Capacity
from server.demo.text_browser import Reply, TextBrowser
from server.http.asgi import EXTENSION, App, ConnectionExtension, Receive, Scope, Send
from server.serve import build_services
from server.store.contract.chat import Store
from server.store.memory.store import MemoryStore
from server.stream.timer_wheel import TimerWheel
from server.stream.transport import StreamProtocol
from server.web.app import create_app
from server.web.downloads import Downloads
from server.web.edge.asgi_guard import Guard
from server.web.edge.ready_pages import ReadyPages
from server.web.form_tokens import FormTokens
from server.web.services import EXTENSION as SERVICES
from server.web.services import Services
from tests.fakes import ChatPair, DrawsAtOnce, FakeClock

CIRCUIT_HEADER = "x-test-circuit"
"""Names the circuit of a request of these tests; the application never sees it."""


class StreamingApp:
    """Offers an application the extension of our listener: a stream may take over the connection.

    Args:
        app: the application.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, then carry its stream if there is one."""
        taken: list[StreamProtocol] = []
        if scope["type"] == "http":
            scope.setdefault("extensions", {})[EXTENSION] = ConnectionExtension(
                taken.append, lambda: False, _take_circuit(scope)
            )
        await self._app(scope, receive, send)
        for stream in taken:
            await _carry(stream, receive, send)


def _take_circuit(scope: Scope) -> CircuitKey | None:
    """Return the circuit that a test has named, and remove its header from the request."""
    named = [value for name, value in scope["headers"] if name == CIRCUIT_HEADER.encode()]
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != CIRCUIT_HEADER.encode()]
    return CircuitKey(named[0]) if named else None


class _Pipe:
    """A `StreamTransport` that never blocks."""

    is_paused = False

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.write = self.pieces.put_nowait

    def finish(self, closing: bytes) -> None:
        """See `StreamTransport`."""
        self.write(closing)
        self.cut()

    def cut(self) -> None:
        """See `StreamTransport`."""
        self.write(None)


async def _carry(stream: StreamProtocol, receive: Receive, send: Send) -> None:
    """Send what a stream writes until it ends, or the visitor disconnects."""
    pipe = _Pipe()

    async def wait_for_disconnect() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        pipe.cut()

    leaving = asyncio.ensure_future(wait_for_disconnect())
    try:
        stream.attach(pipe)
        while (piece := await pipe.pieces.get()) is not None:
            body = {"type": "http.response.body", "body": unframe(piece), "more_body": True}
            await send(body)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        leaving.cancel()
        stream.lost()


class Watch:
    """An open stream, read one event at a time."""

    def __init__(self, connection: TestHTTPConnectionProtocol) -> None:
        self._connection = connection
        self.head = ""
        """The document up to the first event."""

    async def event(self) -> str:
        """Return the next event of the stream; empty when it has ended."""
        async with asyncio.timeout(30):
            return (await self._connection.receive()).decode()


async def _no_connection() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    raise AssertionError("this browser opens no connection")


class AppBrowser(TextBrowser):
    """Sends requests to the application through Quart's test client; keeps one cookie.

    Args:
        app: the application.
        headers: sent with every request.
    """

    def __init__(self, app: Quart, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(_no_connection)
        self._client = QuartClient(app, use_cookies=False)
        self._own_headers = dict(headers or {})

    def _request_headers(self, more: Mapping[str, str]) -> dict[str, str]:
        cookie = {"cookie": self.cookie} if self.cookie else {}
        return {"host": "sottovoce", **cookie, **self._own_headers, **more}

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request and read its response to the end."""
        answer = await self._client.open(
            path.partition("#")[0],
            method=method,
            data=body,
            headers=self._request_headers(headers or {}),
        )
        received = {name.lower(): value for name, value in answer.headers.items()}
        self._keep_cookie(received.get("set-cookie", ""))
        return Reply(path, answer.status_code, received, await answer.get_data(as_text=False))

    async def send(self, path: str, fields: Mapping[str, str]) -> Reply:
        """Send fields to a path, and follow redirects."""
        return await self._follow(await self.post(path, fields))

    async def press(self, path: str, body: bytes) -> Reply:
        """Send a body to a path, and follow redirects."""
        return await self._follow(await self.request("POST", path, body))

    async def begin(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Request a response that may never end, and disconnect after its first piece."""
        sent = self._request_headers(headers or {})
        async with self._client.request(path, headers=sent) as connection:
            await connection.send_complete()
            async with asyncio.timeout(30):
                piece = await connection.receive()
            await connection.disconnect()
        answer = await connection.as_response()
        received = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(path, answer.status_code, received, piece)

    @asynccontextmanager
    async def watch(self, path: str) -> AsyncIterator[Watch]:
        """Open a stream; the browser disconnects at the end of the block."""
        async with self._client.request(path, headers=self._request_headers({})) as connection:
            await connection.send_complete()
            watch = Watch(connection)
            watch.head = await watch.event()
            yield watch
            await connection.disconnect()


@dataclass(slots=True)
class AppServer:
    """The application over a store with a clock that the test controls."""

    clock: FakeClock
    store: Store
    services: Services
    app: Quart
    host: str = "sottovoce"
    """The `Host` header of its visitors."""

    def browser(self, circuit: str = "", **headers: str) -> AppBrowser:
        """Create a new visitor; on this circuit, if one is named."""
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        if circuit:
            own[CIRCUIT_HEADER] = circuit
        return AppBrowser(self.app, {"host": self.host, **own})

    async def draw(self) -> None:
        """Match whoever fits: nobody is left out of two draws in a row."""
        for _ in range(ANSWER_DRAWS):
            await self.store.draw_matches()

    async def pair(self) -> ChatPair[AppBrowser]:
        """Create two visitors in one conversation."""
        return await ChatPair.meet(self.browser(), self.browser())


@cache
def _shared_services() -> Services:
    """Build the parts that are the same in every test server: pages, stylesheet, archive."""
    return build_services(MemoryStore(), default_rooms())


@cache
def _shared_app() -> Quart:
    """Build the application once: its routes take longer to compile than most tests to run."""
    return create_app(_shared_services())


def make_server(capacity: Capacity | None = None, store: Store | None = None) -> AppServer:
    """Create an empty server behind the same guard as in production."""
    clock = FakeClock()
    state = store or MemoryStore(capacity, clock, default_rooms())
    services = replace(
        _shared_services(),
        store=state,
        draws=DrawsAtOnce(state),
        tokens=FormTokens(clock),
        timer_wheel=TimerWheel(clock),
        failures=Counter(),
        downloads=Downloads(),
    )
    app = copy(_shared_app())
    app.extensions = {SERVICES: services}
    ready = ReadyPages(app.asgi_app, app.url_map, services)
    guard = Guard(ready, None, services.failures)
    app.asgi_app = StreamingApp(guard)  # type: ignore[method-assign,assignment]
    return AppServer(clock, state, services, app)
