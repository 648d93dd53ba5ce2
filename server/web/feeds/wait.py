"""What the stream of the waiting page says: little, and then where to go."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from server.core.cells import Event
from server.core.errors import SessionUnknownError
from server.core.ids import Secret
from server.core.limits import OFFER_ROOM_S
from server.store.contract.chat import Store
from server.store.contract.matching import MatchState
from server.stream.broadcast import NewEntry, Subscriber
from server.stream.source import HEARTBEAT
from server.stream.subscription import Notice, OtherChatNotice, Stream, StreamEnd
from server.web.edge.match_form import NAMES
from server.web.edge.responses import way_of
from server.web.services import current_services

from .chat_labels import place_names
from .notices import HERE, Here, render_news, render_told
from .room_offer import Offer, offered

CANCEL, FURTHER = "cancel", "further"


@dataclass(frozen=True, slots=True)
class Waiter:
    """Who waits, and how it stands."""

    secret: Secret
    stands: MatchState

    def told(self) -> dict[str, Any]:
        """What the page says of it."""
        services, preferences = current_services(), self.stands.preferences
        return {
            "token": services.tokens.form(self.secret.handle, CANCEL),
            "further_token": services.tokens.form(self.secret.handle, FURTHER),
            "preferences": preferences,
            "waives_language": self.stands.waives_language,
            "again": self.stands.is_rematch,
            "offer": self.offer(),
            "offers": self.stands.waited_s >= OFFER_ROOM_S,
            "languages_named": services.language.listing(
                NAMES.get(code, code) for code in sorted(preferences.speak if preferences else ())
            ),
            "people_come_in_h": services.people_come_in_h,
        }

    def offer(self) -> Offer | None:
        """A room to be in meanwhile, in the language of the page."""
        return None if self.stands.is_rematch else offered(current_services(), self.secret)

    def offer_html(self) -> str:
        """The same as it comes on a page that is open."""
        offer = self.offer()
        return (
            current_services().pages.render("_offer.html", offer=offer) if offer is not None else ""
        )

    def still_form(self) -> str:
        """The form of somebody who is asked whether they are still there."""
        token = current_services().tokens.form(self.secret.handle, HERE)
        return current_services().pages.render("_here.html", here=Here("/wait/here", token))


class WaitSource:
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
        self._language = current_services().language
        self._place_name = place_names(current_services())
        self.cursor = 0
        self.finished = False

    async def open(self, ear: Subscriber) -> Stream:
        """Take the session's stream, for the waiting."""
        return await self._store.open_stream(self._secret, None, ear)

    def render(self, _heard: NewEntry) -> Event:
        """Nothing is heard here."""
        return HEARTBEAT

    async def news(self, _limit: int) -> Sequence[Event]:
        """The way to the chat, or back to the door, once the waiting is over."""
        try:
            stands = await self._store.match_state(self._secret)
        except SessionUnknownError:
            stands = MatchState(waits=False, chat_id=None)
        if stands.waits:
            return []
        self.finished = True
        return [_go_to(way_of(stands, "/"))]

    async def beat(self) -> Event:
        """Nothing, so that both ends know that the line is alive; or once the offer."""
        offer = self._offer
        with suppress(SessionUnknownError):
            if offer and (await self._store.match_state(self._secret)).waited_s >= OFFER_ROOM_S:
                self._offer = ""
                return Event(offer)
        return HEARTBEAT

    def forget(self) -> None:
        """Nothing is held here."""

    async def notice(self, notice: Notice) -> Event | None:
        """What is for this reader alone; nothing, if it is of a place that is theirs no more."""
        if not isinstance(notice, OtherChatNotice):
            return Event(render_told(notice, self._language, self._still_form))
        told = await render_news(self._store, self._secret, notice, self._place_name)
        return Event(told) if told else None

    def farewell(self, end: StreamEnd) -> Event:
        """Leave the page where it says why."""
        return _go_to({StreamEnd.MOVED: "/wait/moved", StreamEnd.PANIC: "/blank"}.get(end, "/"))


def _go_to(path: str) -> Event:
    return Event(f'<meta http-equiv=refresh content="0;url={path}">')
