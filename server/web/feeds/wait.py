"""What the stream of the waiting page shows: little, and then where to go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.core.cells import Event
from server.core.errors import SessionUnknownError
from server.core.ids import Secret
from server.core.limits import OFFER_ROOM_S
from server.locales.language import Language
from server.store.contract.chat import Store
from server.store.contract.matching import MatchState
from server.stream.broadcast import Subscriber
from server.stream.source import HEARTBEAT, EventSource
from server.stream.subscription import (
    Notice,
    OtherChatNotice,
    RequestNotice,
    StreamEnd,
    Subscription,
)
from server.web.dull_page import BLANK
from server.web.edge.match_form import NAMES
from server.web.edge.responses import match_path
from server.web.membership import topic_names
from server.web.render.rough import rough_time
from server.web.services import current_services

from .chat_labels import chat_namer
from .notices import HERE, Here, render_lifetime_notice, render_other_chat_notice
from .room_offer import Offer, offered

CANCEL, FURTHER = "cancel", "further"


@dataclass(frozen=True, slots=True)
class WaitPage:
    """What the waiting page shows to one session."""

    secret: Secret
    state: MatchState
    offer: Offer | None
    """A room to be in meanwhile, in the language of the page."""

    @classmethod
    async def of(cls, secret: Secret, state: MatchState) -> WaitPage:
        """Make the page of a session that waits."""
        offer = None if state.is_rematch else await offered(current_services(), secret)
        return cls(secret, state, offer)

    def context(self) -> dict[str, Any]:
        """The variables of its template."""
        services, preferences = current_services(), self.state.preferences
        return {
            "token": services.tokens.form(self.secret.handle, CANCEL),
            "further_token": services.tokens.form(self.secret.handle, FURTHER),
            "preferences": preferences,
            **standing(self.state, services.language),
            "again": self.state.is_rematch,
            "offer": self.offer,
            "offers": self.state.waited_s >= OFFER_ROOM_S,
            "languages_named": services.language.listing(
                NAMES.get(code, code) for code in sorted(preferences.speak if preferences else ())
            ),
            "limits": topic_names(preferences.limits) if preferences else [],
            "people_come_in_h": services.people_come_in_h,
        }

    def offer_html(self) -> str:
        """The offer of a room, as it arrives on a page that is open."""
        if self.offer is None:
            return ""
        return current_services().pages.render("_offer.html", offer=self.offer)

    def still_form(self) -> str:
        """The form that answers whether the visitor is still there."""
        token = current_services().tokens.form(self.secret.handle, HERE)
        return current_services().pages.render("_here.html", here=Here("/wait/here", token))


class WaitSource(EventSource):
    """Shows how it stands while a session waits, and then where to go.

    Everything that depends on the request is made while the request lasts.
    """

    __slots__ = ("_chat_namer", "_offer", "_pages", "_shown", "_still_form", "_store")

    is_asked_after_silence = True

    def __init__(self, store: Store, page: WaitPage) -> None:
        super().__init__(page.secret)
        self._store = store
        self._offer = "" if page.state.waited_s >= OFFER_ROOM_S else page.offer_html()
        self._still_form = page.still_form()
        self._pages = current_services().pages
        self._shown = standing(page.state, self._pages.language)
        """What the page says now about how it stands."""

        self._chat_namer = chat_namer(current_services())

    async def open(self, subscriber: Subscriber) -> Subscription:
        """See `EventSource`."""
        return await self._store.open_stream(self._secret, None, subscriber)

    async def news(self, _limit: int) -> Sequence[Event]:
        """See `EventSource`: lead on to the chat, or to the home page, when the waiting is over."""
        try:
            state = await self._store.match_state(self._secret)
        except SessionUnknownError:
            state = MatchState(is_waiting=False, chat_id=None)
        if state.is_waiting:
            return []
        self.finished = True
        return [_go_to(match_path(state, "/"))]

    async def after_silence(self) -> Event:
        """See `EventSource`: how it stands if that has changed; once, the offer of a room."""
        try:
            state = await self._store.match_state(self._secret)
        except SessionUnknownError:
            return HEARTBEAT
        offer, now = self._offer, standing(state, self._pages.language)
        if offer and state.waited_s >= OFFER_ROOM_S:
            self._offer = ""
            return Event(offer)
        if now == self._shown or state.is_rematch:
            return HEARTBEAT
        self._shown = now
        return Event(self._pages.render("_waiting.html", **now))

    async def notice(self, notice: Notice) -> Event | None:
        """See `EventSource`; nothing, if it is of a conversation that the reader has left."""
        if isinstance(notice, RequestNotice):
            return None  # of a conversation, which this page does not show
        if not isinstance(notice, OtherChatNotice):
            return Event(render_lifetime_notice(notice, self._pages.language, self._still_form))
        html = await render_other_chat_notice(self._store, self._secret, notice, self._chat_namer)
        return Event(html) if html else None

    def farewell(self, end: StreamEnd) -> Event:
        """See `EventSource`: send the page to one that says why."""
        pages = {
            StreamEnd.MOVED: "/wait/moved",
            StreamEnd.FORGOTTEN: "/wait/over",
            StreamEnd.PANIC: BLANK,
        }
        return _go_to(pages.get(end, "/"))


def standing(state: MatchState, language: Language) -> dict[str, Any]:
    """Return how it stands: the variables of `_waited.html`."""
    return {
        "waited": rough_time(state.waited_s, language),
        "sees_other_language": state.sees_other_language,
        "waives_language": state.waives_language,
    }


def _go_to(path: str) -> Event:
    return Event(f'<meta http-equiv=refresh content="0;url={path}">')
