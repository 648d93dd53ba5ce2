"""What the stream of a conversation says: its entries from a cursor onwards, and notices."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from html import escape

from server.core.errors import NotAMemberError
from server.core.ids import ChatId, Secret
from server.core.limits import PAGE_ENTRIES
from server.core.roomlog import Wake
from server.store.base import Store
from server.store.base_streams import FromElsewhere, Heard, Notice, Stream, StreamEnd

from .entries import render_entry, render_missed
from .language import Language
from .notices import render_news, render_told
from .places import PlaceName

BLANK = "/blank"
"""Where a stream goes when its visitor pressed Panic."""

OVER = "/over"
"""Where a stream goes whose conversation, or whose session, is gone."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Whose stream it is, of which conversation, in which words: no more than it needs."""

    secret: Secret
    chat_id: ChatId
    nonce: str
    """What the styles are marked with that are streamed."""

    language: Language
    still_form: Callable[[int], str]
    """Makes the form that says "I am here"; given the cursor at which the stream goes on."""

    place_name: PlaceName


class ChatFeed:
    """Says what happens in a conversation, from a cursor onwards.

    Args:
        store: where the conversation is.
        reading: who reads what.
        after: the cursor to begin at.
    """

    def __init__(self, store: Store, reading: Reading, after: int) -> None:
        self._store = store
        self._reading = reading
        self._cursor = after
        self._heard: Heard | None = None
        self.finished = False

    def hold(self, wake: Wake) -> AbstractAsyncContextManager[Stream]:
        """Take the session's stream, for this conversation."""
        reading = self._reading
        return self._store.stream(reading.secret, reading.chat_id, wake, self._hear)

    def _hear(self, heard: Heard) -> bool:
        # One at a time: a stream that is slow must not hoard words.
        if self._heard is not None:
            return False
        self._heard = heard
        return True

    async def news(self) -> list[str]:
        """An event for each entry since the last call, at most a page of them."""
        heard, self._heard = self._heard, None
        if heard is not None and heard.entry.seq == self._cursor + 1:
            self._cursor = heard.entry.seq
            return [self._render_heard(heard)]
        return await self._read()

    def forget(self) -> None:
        """Drop what was heard and not told yet, and every key."""
        self._heard = None
        self._reading.secret.lock()

    def _render_heard(self, heard: Heard) -> str:
        """Render what is said now, once for all who read it in one language."""
        language = self._reading.language
        if language.code not in heard.rendered:
            heard.rendered[language.code] = render_entry(
                heard.entry, heard.names, language, nonce=self._reading.nonce
            )
        return heard.rendered[language.code]

    async def _read(self) -> list[str]:
        reading, seen, missed = self._reading, -1, 0
        try:
            # On, if all on a page was from somebody muted: what is behind it must not wait.
            while seen != self._cursor:
                seen = self._cursor
                read = await self._store.read(reading.secret, reading.chat_id, seen, PAGE_ENTRIES)
                self._cursor = read.cursor
                missed += read.missed
                if read.entries:
                    break
        except NotAMemberError:
            self.finished = True
            return [self.farewell(StreamEnd.FORGOTTEN)]
        finally:
            # What is said from now on comes opened: no key need stay in an open stream.
            reading.secret.lock()
        told = [render_missed(missed, reading.language)] if missed else []
        return told + [
            render_entry(entry, read.names, reading.language, nonce=reading.nonce)
            for entry in read.entries
        ]

    async def beat(self) -> str:
        """One cell: an element that re-arms the banner and shows nothing."""
        return "<i></i>"

    async def notice(self, notice: Notice) -> str:
        """What is for this reader alone; empty, if it is of a place that is theirs no more."""
        reading = self._reading
        if not isinstance(notice, FromElsewhere):
            return render_told(notice, reading.language, reading.still_form(self._cursor))
        return await render_news(self._store, reading.secret, notice, reading.place_name)

    def farewell(self, end: StreamEnd) -> str:
        """Send the frame where it says why, or say it in place."""
        # A page of its own, because what stands here is asked for again a moment later.
        pages = {
            StreamEnd.MOVED: f"/chat/{self._reading.chat_id}/moved",
            StreamEnd.FORGOTTEN: OVER,
            StreamEnd.PANIC: BLANK,
        }
        if end in pages:
            return f'<meta http-equiv=refresh content="0;url={pages[end]}">'
        sentence = self._reading.language.gettext("The line was closed. Press Reconnect.")
        return f"<p class=e>{escape(sentence)}</p>"
