"""A text browser without a wire: it hands its requests to the application itself."""

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
from server.core.limits import Capacity
from server.demo.text_browser import Reply, TextBrowser
from server.serve import build_services
from server.store.contract.chat import Store
from server.store.memory.store import MemoryStore
from server.stream.timer_wheel import TimerWheel
from server.web.app import create_app
from server.web.edge.asgi_guard import Guard
from server.web.form_tokens import Tokens
from server.web.services import EXTENSION, Services
from tests.fakes import ChatPair, FakeClock


class Watch:
    """A stream as it comes, an event at a time."""

    def __init__(self, connection: TestHTTPConnectionProtocol) -> None:
        self._connection = connection
        self.head = ""
        """The document up to where the events go."""

    async def event(self) -> str:
        """The next thing that the stream says; empty when it has ended."""
        async with asyncio.timeout(30):
            return (await self._connection.receive()).decode()


async def _no_wire() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    raise AssertionError("this browser has no wire")


class AppBrowser(TextBrowser):
    """Asks the application through Quart's test client; keeps one cookie.

    Args:
        app: what answers.
        headers: sent with every request.
    """

    def __init__(self, app: Quart, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(_no_wire)
        self._client = QuartClient(app, use_cookies=False)
        self._given = dict(headers or {})

    def _sent(self, more: Mapping[str, str]) -> dict[str, str]:
        cookie = {"cookie": self.cookie} if self.cookie else {}
        return {"host": "sottovoce", **cookie, **self._given, **more}

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request and read its answer to the end."""
        answer = await self._client.open(
            path.partition("#")[0],
            method=method,
            data=body,
            headers=self._sent(headers or {}),
        )
        told = {name.lower(): value for name, value in answer.headers.items()}
        self._keep_cookie(told.get("set-cookie", ""))
        return Reply(path, answer.status_code, told, await answer.get_data(as_text=False))

    async def begin(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for what may never end, and hang up after its first piece."""
        async with self._client.request(path, headers=self._sent(headers or {})) as connection:
            await connection.send_complete()
            async with asyncio.timeout(30):
                piece = await connection.receive()
            await connection.disconnect()
        answer = await connection.as_response()
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(path, answer.status_code, told, piece)

    @asynccontextmanager
    async def watch(self, path: str) -> AsyncIterator[Watch]:
        """Open a stream; the visitor hangs up at the end of the block."""
        async with self._client.request(path, headers=self._sent({})) as connection:
            await connection.send_complete()
            watch = Watch(connection)
            watch.head = await watch.event()
            yield watch
            await connection.disconnect()


@dataclass(slots=True)
class AppServer:
    """The application over a store whose time a test sets."""

    clock: FakeClock
    store: Store
    services: Services
    app: Quart
    host: str = "sottovoce"
    """What its visitors write in `Host`."""

    def browser(self, **headers: str) -> AppBrowser:
        """A visitor of its own."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return AppBrowser(self.app, {"host": self.host, **given})

    async def pair(self) -> ChatPair[AppBrowser]:
        """Two visitors in one conversation."""
        return await ChatPair.meet(self.browser(), self.browser())


@cache
def _unchanging() -> Services:
    """Pages, stylesheet and archive: the same in every house, and made once."""
    return build_services(MemoryStore(), default_rooms())


@cache
def _built() -> Quart:
    """The application: its rules take longer to compile than most tests to run."""
    return create_app(_unchanging())


def make_server(capacity: Capacity | None = None, store: Store | None = None) -> AppServer:
    """An empty house, guarded as the served one is."""
    clock = FakeClock()
    state = store or MemoryStore(capacity, clock, default_rooms())
    services = replace(
        _unchanging(),
        store=state,
        tokens=Tokens(clock),
        timer_wheel=TimerWheel(clock),
        failures=Counter(),
    )
    app = copy(_built())
    app.extensions = {EXTENSION: services}
    app.asgi_app = Guard(app.asgi_app, None, services.failures)  # type: ignore[method-assign,assignment]
    return AppServer(clock, state, services, app)
