"""What the stream of a conversation shows: its entries from a cursor onwards, and notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from server.core.cells import Event
from server.core.errors import NotAMemberError
from server.core.ids import ChatId, Secret
from server.core.room.message import OpenEntry
from server.locales.language import mark
from server.stream.broadcast import NewEntry, Subscriber
from server.stream.source import EventSource
from server.stream.subscription import (
    Notice,
    OtherChatNotice,
    RequestNotice,
    StreamEnd,
    Subscription,
)
from server.web.dull_page import BLANK
from server.web.edge.query_params import constant_rate_query
from server.web.render.entries import render_entry, render_missed
from server.web.render.pages import Pages
from server.web.services import Services

from .chat_labels import ChatNamer
from .notices import (
    HERE,
    Here,
    render_lifetime_notice,
    render_other_chat_notice,
    render_request,
)

OVER = "/over"
"""Where the frame goes when the conversation, or the session, is gone."""

STOPPED = mark(
    "The server is stopped, or is being started again. This conversation is over: nothing of it is"
    " left."
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads which conversation in which language: no more than a stream needs."""

    services: Services
    pages: Pages
    """In the reader's language."""

    secret: Secret
    chat_id: ChatId
    nonce: str
    """Marks the styles that are streamed."""

    rate_in_url_s: int | None = None
    """Seconds between two cells, if the URL names them."""


class ChatSource(EventSource):
    """Shows what happens in a conversation, from a cursor onwards.

    Args:
        reading: who reads what.
        after: the cursor to begin at.
    """

    __slots__ = ("_reading", "_repeats_names")

    def __init__(self, reading: Reading, after: int) -> None:
        super().__init__(reading.secret, after)
        self._reading = reading
        self._repeats_names = False
        """Whether each message shows its name, also after another one of the same sender."""

    @property
    def render_key(self) -> str:
        """See `EventSource`: readers of one language receive the same bytes."""
        return self._reading.pages.language.code + ("+" if self._repeats_names else "")

    def note_hidden(self) -> None:
        """See `EventSource`. A muted member may be unmuted, and go on: below another's message."""
        self._repeats_names = True

    async def open(self, subscriber: Subscriber) -> Subscription:
        """See `EventSource`."""
        reading = self._reading
        return await reading.services.store.open_stream(reading.secret, reading.chat_id, subscriber)

    def render(self, new: NewEntry) -> Event:
        """See `EventSource`; rendered once for all readers of one language."""
        event = new.rendered.get(self.render_key)
        if event is None:
            event = new.rendered[self.render_key] = self._render(new.entry, new.names)
        return event

    async def news(self, limit: int) -> Sequence[Event]:
        """See `EventSource`: an event for each entry."""
        reading, seen, missed = self._reading, -1, 0
        try:
            # Read on if a whole page is hidden from this reader: what follows must not wait.
            while seen != self.cursor:
                seen = self.cursor
                page = await reading.services.store.read(
                    reading.secret, reading.chat_id, seen, limit
                )
                self.cursor = page.cursor
                missed += page.missed_count
                if page.entries:
                    break
        except NotAMemberError:
            self.finished = True
            return [self.farewell(StreamEnd.FORGOTTEN)]
        finally:
            # What is posted from now on arrives opened: no key need stay in an open stream.
            self.forget()
        language = reading.pages.language
        gap = [Event(render_missed(missed, language))] if missed else []
        return gap + [self._render(entry, page.names) for entry in page.entries]

    def _render(self, entry: OpenEntry, names: Mapping[int, str]) -> Event:
        reading = self._reading
        if self._repeats_names:
            entry = replace(entry, continues=False)
        html = render_entry(entry, names, reading.pages.language, nonce=reading.nonce)
        return Event(html, entry.seq)

    async def notice(self, notice: Notice) -> Event | None:
        """See `EventSource`; nothing, if it is of a conversation that the reader has left."""
        reading, language = self._reading, self._reading.pages.language
        if isinstance(notice, RequestNotice):
            return await self._request(notice.number)
        if not isinstance(notice, OtherChatNotice):
            return Event(render_lifetime_notice(notice, language, self._still_form()))
        names = ChatNamer(language, reading.services.rooms)
        try:
            html = await render_other_chat_notice(
                reading.services.store, reading.secret, notice, names
            )
        finally:
            self.forget()
        return Event(html) if html else None

    async def _request(self, number: int) -> Event | None:
        """Render a request to the reader, if it still waits for an answer."""
        reading = self._reading
        try:
            requests = await reading.services.store.list_requests(reading.secret, reading.chat_id)
        except NotAMemberError:
            return None
        found = next((request for request in requests if request.number == number), None)
        return None if found is None else Event(render_request(found, reading.pages.language))

    def _still_form(self) -> str:
        """The form that answers "I am here" and then continues with what comes next."""
        reading = self._reading
        token = reading.services.tokens.form(reading.secret.handle, HERE, reading.chat_id)
        action = f"/chat/{reading.chat_id}/here"
        here = Here(action, token, self.cursor, rate_in_url_s=reading.rate_in_url_s)
        return reading.pages.render("_here.html", here=here)

    def farewell(self, end: StreamEnd) -> Event:
        """See `EventSource`: send the frame to a page that says why, or say it in place."""
        reading = self._reading
        query = constant_rate_query(reading.rate_in_url_s)
        # A page of its own, because the browser asks again for what is shown in place.
        pages = {
            StreamEnd.MOVED: f"/chat/{reading.chat_id}/moved{query}",
            StreamEnd.FORGOTTEN: OVER,
            StreamEnd.PANIC: BLANK,
        }
        if end in pages:
            return Event(f'<meta http-equiv=refresh content="0;url={pages[end]}">')
        translate = reading.pages.language.gettext
        sentence = escape(translate(STOPPED))
        return Event(
            f"<p class=e>{sentence} <a href=/ target=_top>{escape(translate('Start page'))}</a></p>"
        )
