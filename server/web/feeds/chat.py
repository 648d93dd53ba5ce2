"""What the stream of a conversation says: its entries from a cursor onwards, and notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from server.core.cells import Event
from server.core.errors import NotAMemberError
from server.core.ids import ChatId, Secret
from server.core.room.message import OpenEntry
from server.stream.broadcast import NewEntry, Subscriber
from server.stream.source import HEARTBEAT
from server.stream.subscription import Notice, OtherChatNotice, Stream, StreamEnd
from server.web.edge.query_params import steady_query
from server.web.render.entries import render_entry, render_missed
from server.web.render.pages import Pages
from server.web.services import Services

from .chat_labels import ChatNamer
from .notices import HERE, Here, render_news, render_told

BLANK = "/blank"
"""Where a stream goes when its visitor pressed Panic."""

OVER = "/over"
"""Where a stream goes whose conversation, or whose session, is gone."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Whose stream it is, of which conversation, in which words: no more than it needs."""

    services: Services
    pages: Pages
    """In the reader's language."""

    secret: Secret
    chat_id: ChatId
    nonce: str
    """What the styles are marked with that are streamed."""

    steady: int | None = None
    """What the URL says of how steady the stream is, if it does."""


class ChatSource:
    """Says what happens in a conversation, from a cursor onwards.

    Args:
        reading: who reads what.
        after: the cursor to begin at.
    """

    __slots__ = ("_reading", "cursor", "finished", "voice")

    asks_at_beats = False

    def __init__(self, reading: Reading, after: int) -> None:
        self._reading = reading
        self.voice: str = reading.pages.language.code
        self.cursor = after
        self.finished = False

    async def open(self, ear: Subscriber) -> Stream:
        """Take the session's stream, for this conversation."""
        reading = self._reading
        return await reading.services.store.open_stream(reading.secret, reading.chat_id, ear)

    def render(self, heard: NewEntry) -> Event:
        """What happens now, rendered once for all who read it in one language."""
        event = heard.rendered.get(self.voice)
        if event is None:
            event = heard.rendered[self.voice] = self._render(heard.entry, heard.names)
        return event

    async def beat(self) -> Event:
        """Nothing but that the line is alive."""
        return HEARTBEAT

    def forget(self) -> None:
        """Drop every key."""
        self._reading.secret.lock()

    async def news(self, limit: int) -> Sequence[Event]:
        """An event for each entry since the last call, at most so many of them."""
        reading, seen, missed = self._reading, -1, 0
        try:
            # On, if all on a page was from somebody muted: what is behind it must not wait.
            while seen != self.cursor:
                seen = self.cursor
                read = await reading.services.store.read(
                    reading.secret, reading.chat_id, seen, limit
                )
                self.cursor = read.cursor
                missed += read.missed
                if read.entries:
                    break
        except NotAMemberError:
            self.finished = True
            return [self.farewell(StreamEnd.FORGOTTEN)]
        finally:
            # What is said from now on comes opened: no key need stay in an open stream.
            reading.secret.lock()
        language = reading.pages.language
        told = [Event(render_missed(missed, language))] if missed else []
        return told + [self._render(entry, read.names) for entry in read.entries]

    def _render(self, entry: OpenEntry, names: Mapping[int, str]) -> Event:
        reading = self._reading
        html = render_entry(entry, names, reading.pages.language, nonce=reading.nonce)
        return Event(html, entry.seq)

    async def notice(self, notice: Notice) -> Event | None:
        """What is for this reader alone; nothing, if it is of a place that is theirs no more."""
        reading, language = self._reading, self._reading.pages.language
        if not isinstance(notice, OtherChatNotice):
            return Event(render_told(notice, language, self._still_form()))
        names = ChatNamer(language, reading.services.rooms)
        try:
            told = await render_news(reading.services.store, reading.secret, notice, names)
        finally:
            reading.secret.lock()
        return Event(told) if told else None

    def _still_form(self) -> str:
        """The form that says "I am here", and then goes on with what comes next."""
        reading = self._reading
        token = reading.services.tokens.form(reading.secret.handle, HERE, reading.chat_id)
        action = f"/chat/{reading.chat_id}/here"
        here = Here(action, token, self.cursor, steady=reading.steady)
        return reading.pages.render("_here.html", here=here)

    def farewell(self, end: StreamEnd) -> Event:
        """Send the frame where it says why, or say it in place."""
        reading = self._reading
        # A page of its own, because what stands here is asked for again a moment later.
        pages = {
            StreamEnd.MOVED: f"/chat/{reading.chat_id}/moved{steady_query(reading.steady)}",
            StreamEnd.FORGOTTEN: OVER,
            StreamEnd.PANIC: BLANK,
        }
        if end in pages:
            return Event(f'<meta http-equiv=refresh content="0;url={pages[end]}">')
        sentence = reading.pages.language.gettext("Connection closed. Press Reconnect.")
        return Event(f"<p class=e>{escape(sentence)}</p>")
