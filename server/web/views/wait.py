"""Waiting for somebody: a page that stands still, and one that streams until a match."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from quart import Blueprint, Response

from server.core.errors import SessionUnknownError
from server.core.ids import Secret, new_nonce
from server.core.roomlog import Wake
from server.store.base import Store, Stream, StreamEnd, Waiting
from server.web import failures, headers
from server.web.answers import page, see_other, way_of
from server.web.choices import NAMES
from server.web.cookies import visitor
from server.web.live import LiveBody, stream_response
from server.web.members import pressed_by
from server.web.services import services

wait = Blueprint("wait", __name__)

CANCEL, FURTHER = "cancel", "further"
MOVE_ON_S = 2
"""Seconds until the still page goes on to the streaming one by itself."""

RETRY_S = 5
"""Seconds until a stream of the waiting page that ended too early is asked for again."""


@wait.get("/wait")
async def still() -> Response:
    """How it stands; finished at once, then on to the streaming page."""
    waiter = await _waiter()
    if isinstance(waiter, Response):
        return waiter
    response = page("wait.html", **waiter.told())
    response.headers["refresh"] = f"{MOVE_ON_S};url=/wait/live"
    return response


@wait.get("/wait/live")
async def live() -> Response:
    """One cell a beat, and at the end a meta refresh to the chat."""
    house, waiter = services(), await _waiter()
    if isinstance(waiter, Response):
        return waiter
    await house.store.check_stream(waiter.secret, None)
    nonce = new_nonce()
    head = house.pages.render("wait-live.html", nonce=nonce, **waiter.told())
    feed = WaitFeed(house.store, waiter.secret)
    return stream_response(
        LiveBody(head, feed, house.failures),
        {
            # A line that breaks leads to the still page; a match has its own, faster way.
            "refresh": f"{RETRY_S};url=/wait",
            "content-security-policy": headers.policy(nonce),
        },
    )


@wait.get("/wait/moved")
async def moved() -> Response:
    """Where an older waiting page goes when the same session opened a newer one."""
    return page("moved.html", back="/wait")


@wait.post("/wait/cancel")
async def cancel() -> Response:
    """Wait no longer."""
    secret, _ = await pressed_by(CANCEL)
    if secret is None:
        return failures.failure_page(failures.FOREIGN_FORM)
    await services().store.cancel(secret)
    return see_other("/")


@wait.post("/wait/further")
async def look_further() -> Response:
    """Do without a common language: the waiting one's own choice."""
    secret, _ = await pressed_by(FURTHER)
    if secret is None:
        return failures.failure_page(failures.FOREIGN_FORM)
    return see_other(way_of(await services().store.look_further(secret), "/wait"))


@dataclass(frozen=True, slots=True)
class Waiter:
    """Who waits, and how it stands."""

    secret: Secret
    stands: Waiting

    def told(self) -> dict[str, Any]:
        """What the page says of it."""
        house, wish = services(), self.stands.wish
        return {
            "token": house.tokens.form(self.secret.handle, CANCEL),
            "further_token": house.tokens.form(self.secret.handle, FURTHER),
            "wish": wish,
            "further": self.stands.further,
            "tongues": house.language.listing(
                NAMES.get(code, code) for code in sorted(wish.speak if wish else ())
            ),
            "people_come_in_h": house.people_come_in_h,
        }


class WaitFeed:
    """Says nothing while somebody waits, and then where to go."""

    def __init__(self, store: Store, secret: Secret) -> None:
        self._store = store
        self._secret = secret
        self.finished = False

    def hold(self, wake: Wake) -> AbstractAsyncContextManager[Stream]:
        """Take the session's stream, for the waiting."""
        return self._store.stream(self._secret, None, wake)

    async def news(self) -> list[str]:
        """The way to the chat, or back to the door, once the waiting is over."""
        try:
            stands = await self._store.waiting(self._secret)
        except SessionUnknownError:
            stands = Waiting(waits=False, chat_id=None)
        if stands.waits:
            return []
        self.finished = True
        return [_go_to(way_of(stands, "/"))]

    def beat(self) -> str:
        """One cell of nothing, so that both ends know that the line is alive."""
        return "<i></i>"

    def farewell(self, end: StreamEnd) -> str:
        """Leave the page where it says why."""
        return _go_to({StreamEnd.MOVED: "/wait/moved", StreamEnd.PANIC: "/blank"}.get(end, "/"))


def _go_to(path: str) -> str:
    return f'<meta http-equiv=refresh content="0;url={path}">'


async def _waiter() -> Waiter | Response:
    """Who waits here; or where to go instead: to the chat when matched, else to the door."""
    secret = visitor()
    if secret is None:
        return see_other("/")
    try:
        stands = await services().store.waiting(secret)
    except SessionUnknownError:
        return see_other("/")
    if stands.waits:
        return Waiter(secret, stands)
    return see_other(way_of(stands, "/"))
