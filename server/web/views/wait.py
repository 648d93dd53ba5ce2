"""Waiting for somebody: a page that stands still, and one that streams until a match."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from quart import Blueprint, Response, g

from server.core.cells import Event
from server.core.errors import HouseFullError, RestError, SessionUnknownError
from server.core.ids import Secret, new_nonce
from server.core.limits import OFFER_ROOM_S
from server.store.contract.chat import Store
from server.store.contract.matching import Waiting
from server.stream.broadcast import Ear, Heard
from server.stream.live import Live
from server.stream.source import BEAT
from server.stream.subscription import FromElsewhere, Notice, Stream, StreamEnd
from server.web.edge import headers
from server.web.edge.cookies import visitor, was_refused
from server.web.edge.match_form import NAMES
from server.web.edge.responses import page, see_other, way_of
from server.web.feeds.chat_labels import place_names
from server.web.feeds.notices import HERE, Here, render_news, render_told
from server.web.feeds.room_offer import Offer, offered
from server.web.feeds.stream_response import stream_response
from server.web.membership import pressed_by
from server.web.services import services
from server.web.views.cooldown import GO_ON, full_page, rest_page

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
    dull = g.settings.is_dull
    head = house.pages.render("wait-live.html", nonce=nonce, dull=dull, **waiter.told())
    feed = WaitFeed(house.store, waiter)
    return stream_response(
        Live(head, feed, house),
        {
            # A line that breaks leads to the still page; a match has its own, faster way.
            "refresh": f"{RETRY_S};url=/wait",
            "content-security-policy": headers.policy(nonce),
        },
    )


@wait.post("/wait/here")
async def here() -> Response:
    """Somebody who was asked is still there, and waits on."""
    await pressed_by(HERE)
    return see_other("/wait")


@wait.post("/wait/go-on")
async def go_on() -> Response:
    """Ask again for what was asked for last: after a pause, or when there was no place."""
    secret, _ = await pressed_by(GO_ON)
    try:
        return see_other(way_of(await services().store.ask(secret, None), "/wait"))
    except RestError as error:
        return rest_page(error, secret)
    except HouseFullError:
        return full_page(secret)


@wait.get("/wait/moved")
async def moved() -> Response:
    """Where an older waiting page goes when the same session opened a newer one."""
    return page("moved.html", back="/wait", framed=False)


@wait.post("/wait/cancel")
async def cancel() -> Response:
    """Wait no longer."""
    secret, _ = await pressed_by(CANCEL)
    await services().store.cancel(secret)
    return see_other("/")


@wait.post("/wait/further")
async def look_further() -> Response:
    """Do without a common language: the waiting one's own choice."""
    secret, _ = await pressed_by(FURTHER)
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
            "again": self.stands.again,
            "offer": self.offer(),
            "offers": self.stands.waited_s >= OFFER_ROOM_S,
            "tongues": house.language.listing(
                NAMES.get(code, code) for code in sorted(wish.speak if wish else ())
            ),
            "people_come_in_h": house.people_come_in_h,
        }

    def offer(self) -> Offer | None:
        """A room to be in meanwhile, in the language of the page."""
        return None if self.stands.again else offered(services(), self.secret)

    def offer_html(self) -> str:
        """The same as it comes on a page that is open."""
        offer = self.offer()
        return services().pages.render("_offer.html", offer=offer) if offer is not None else ""

    def still_form(self) -> str:
        """The form of somebody who is asked whether they are still there."""
        token = services().tokens.form(self.secret.handle, HERE)
        return services().pages.render("_here.html", here=Here("/wait/here", token))


class WaitFeed:
    """Says little while somebody waits, and then where to go.

    Everything that it may say is made while the request lasts that it belongs to.
    """

    asks_at_beats = True
    voice = None

    def __init__(self, store: Store, waiter: Waiter) -> None:
        self._store = store
        self._secret = waiter.secret
        self._offer = "" if waiter.stands.waited_s >= OFFER_ROOM_S else waiter.offer_html()
        self._still_form = waiter.still_form()
        self._language = services().language
        self._place_name = place_names(services())
        self.cursor = 0
        self.finished = False

    async def open(self, ear: Ear) -> Stream:
        """Take the session's stream, for the waiting."""
        return await self._store.open_stream(self._secret, None, ear)

    def render(self, _heard: Heard) -> Event:
        """Nothing is heard here."""
        return BEAT

    async def news(self, _limit: int) -> Sequence[Event]:
        """The way to the chat, or back to the door, once the waiting is over."""
        try:
            stands = await self._store.waiting(self._secret)
        except SessionUnknownError:
            stands = Waiting(waits=False, chat_id=None)
        if stands.waits:
            return []
        self.finished = True
        return [_go_to(way_of(stands, "/"))]

    async def beat(self) -> Event:
        """Nothing, so that both ends know that the line is alive; or once the offer."""
        offer = self._offer
        with suppress(SessionUnknownError):
            if offer and (await self._store.waiting(self._secret)).waited_s >= OFFER_ROOM_S:
                self._offer = ""
                return Event(offer)
        return BEAT

    def forget(self) -> None:
        """Nothing is held here."""

    async def notice(self, notice: Notice) -> Event | None:
        """What is for this reader alone; nothing, if it is of a place that is theirs no more."""
        if not isinstance(notice, FromElsewhere):
            return Event(render_told(notice, self._language, self._still_form))
        told = await render_news(self._store, self._secret, notice, self._place_name)
        return Event(told) if told else None

    def farewell(self, end: StreamEnd) -> Event:
        """Leave the page where it says why."""
        return _go_to({StreamEnd.MOVED: "/wait/moved", StreamEnd.PANIC: "/blank"}.get(end, "/"))


def _go_to(path: str) -> Event:
    return Event(f'<meta http-equiv=refresh content="0;url={path}">')


async def _waiter() -> Waiter | Response:
    """Who waits here; or where to go instead: to the chat when matched, else to the door."""
    secret = visitor()
    if secret is None:
        return see_other("/cookies" if was_refused() else "/")
    try:
        stands = await services().store.waiting(secret)
    except SessionUnknownError:
        return see_other("/")
    if stands.waits:
        return Waiter(secret, stands)
    return see_other(way_of(stands, "/"))
