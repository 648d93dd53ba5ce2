"""Answers what anybody may ask for, without a session, with bytes that are ready to send.

A plain ASGI layer between the guard and the application. A visitor without a session gets what
every other one gets: the application answers it once, for a request of our own that holds nothing
of any visitor, and the answer is kept until what it shows has changed. Rendering costs several
times as much as sending, and anybody may ask for these pages as often as they like.

Everything else goes on to the application: forms, and every request of a session.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from werkzeug.routing import Map

from server.http.asgi import EXTENSION, App, ConnectionExtension, Message, Receive, Scope, Send
from server.http.ready import ReadyResponse
from server.stream.transport import StreamProtocol
from server.web.request_handling import PIECE_BYTES, send_body
from server.web.restarted_page import is_earlier
from server.web.services import Services
from server.web.views.static_pages import SOURCE_PATH

from .anonymous import Variant, Variants
from .caller import caller_of
from .headers import with_everywhere

DOOR_PATH, ROOMS_PATH = "/", "/rooms"
"""The two pages that show something of what is going on: blurred head counts."""

MAX_ANSWER_BYTES = PIECE_BYTES
"""A longer answer is not kept: pages have less than 16 KiB, and one piece has time enough."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One answer of the application."""

    moment: object
    """What it shows that changes; see `ReadyPages._moment`."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    whole: ReadyResponse | None = field(init=False)
    """The same with the headers that the guard adds; `None` if it may not be kept."""

    def __post_init__(self) -> None:
        headers = with_everywhere(self.headers)
        whole = ReadyResponse(self.status, headers, self.body) if self.is_for_everybody else None
        object.__setattr__(self, "whole", whole)

    async def send(self, send: Send, connection: ConnectionExtension) -> None:
        """Send it."""
        if self.whole is not None and connection.send_ready is not None:
            await connection.send_ready(self.whole)
            return
        # A new list: layers above add their own headers.
        head = {"status": self.status, "headers": list(self.headers)}
        await send({"type": "http.response.start", **head})
        await send_body(send, self.body)

    @property
    def is_for_everybody(self) -> bool:
        """Whether it may be kept: not after a bug, and not if it makes a session.

        The closed page may. It says when to come back, which no answer to a bug does.
        """
        names = {name.lower() for name, _ in self.headers}
        is_meant = self.status < 500 or b"retry-after" in names
        return is_meant and b"set-cookie" not in names and len(self.body) <= MAX_ANSWER_BYTES


class ReadyPages:
    """Answers a GET or HEAD without a session, and forwards every other request.

    Args:
        app: the application behind it.
        routes: every route of the application.
        services: what the pages show.
    """

    def __init__(self, app: App, routes: Map, services: Services) -> None:
        self._app = app
        self._services, self._store = services, services.store
        self._variants = Variants(
            routes,
            services.stylesheet.path,
            services.pages_by_language,
            partial(is_earlier, services=services),
        )
        self._ready: dict[Variant, Ready] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or forward it."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        caller = caller_of(scope)
        if caller.secret is not None and await self._store.is_known(caller.secret):
            await self._app(scope, receive, send)
            return
        variant = self._variants.find(scope, caller)
        if variant.path == SOURCE_PATH:
            await self._app(scope, receive, send)
            return
        await (await self._answer(variant)).send(send, scope["extensions"][EXTENSION])

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._ready)

    @property
    def most(self) -> int:
        """How many answers are kept at most."""
        return self._variants.most()

    async def _answer(self, variant: Variant) -> Ready:
        """Return the answer: the one that is kept, or a new one if that is out of date."""
        moment = await self._moment(variant)
        ready = self._ready.get(variant)
        if ready is None or ready.moment != moment:
            ready = await self._render(variant, moment)
            if ready.is_for_everybody:
                self._ready[variant] = ready
        return ready

    async def _moment(self, variant: Variant) -> object:
        """Return everything that pages without a session show and that changes."""
        services = self._services
        period, come_in_h = services.tokens.first_form_period(), services.people_come_in_h
        rooms = await self._store.list_rooms(None) if variant.path == ROOMS_PATH else ()
        is_door = variant.path == DOOR_PATH and not variant.is_via_gateway
        people = await self._store.people_here() if is_door else 0
        return period, come_in_h, rooms, people, await self._store.admission()

    async def _render(self, variant: Variant, moment: object) -> Ready:
        """Let the application answer a request of our own."""
        answer: MutableMapping[str, Any] = {}
        pieces: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.update(message)
            else:
                pieces.append(message["body"])

        await self._app(_request(variant), _no_body, collect)
        headers = [(bytes(name), bytes(value)) for name, value in answer["headers"]]
        return Ready(moment, answer["status"], headers, b"".join(pieces))


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _no_stream(_stream: StreamProtocol) -> None:
    raise AssertionError("a page without a session is no stream")


def _request(variant: Variant) -> Scope:
    """Make a request of our own with this answer."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.1"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": variant.path,
        "raw_path": variant.path.encode("ascii"),
        "query_string": variant.query(),
        "root_path": "",
        "headers": variant.headers(),
        "client": None,
        "server": None,
        "state": {},
        "extensions": {EXTENSION: ConnectionExtension(_no_stream, lambda: False)},
    }
