"""The chat: the outer page, the stream in its upper frame, and the ways out."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from html import escape

from quart import Blueprint, Response

from server.core.errors import BadCursorError, NotAMemberError
from server.core.limits import PAGE_ENTRIES
from server.core.roomlog import Wake
from server.store.base import Store, Stream, StreamEnd
from server.web import failures, headers
from server.web.answers import page, see_other, way_of
from server.web.entries import render_entry, render_missed
from server.web.language import Language
from server.web.live import LiveBody, stream_response
from server.web.members import Membership, membership, pressed
from server.web.queries import read_number
from server.web.services import services

chat = Blueprint("chat", __name__, url_prefix="/chat/<chat_id>")

BLANK = "/blank"
"""Where a stream goes when its visitor pressed Panic."""

OVER = "/over"
"""Where a stream goes whose conversation, or whose session, is gone."""

RECONNECT_S = 3
"""Seconds after which a stream that ended by itself is asked for again by the browser."""


@chat.get("")
async def outer(chat_id: str) -> Response:
    """The page around the two frames. It never changes: what changes is in the frames."""
    member = await membership(chat_id)
    return page("chat.html", member=member)


@chat.get("/live")
async def live(chat_id: str) -> Response:
    """The stream: everything since the coming, or since `after`, and then what happens."""
    member, house = await membership(chat_id), services()
    after = read_number("after", default=member.chat.joined_seq)
    if after > member.chat.last_seq:
        raise BadCursorError
    await house.store.check_stream(member.secret, member.chat_id)
    head = house.pages.render("live.html", member=member)
    feed = ChatFeed(house.store, member, after, house.language)
    return stream_response(
        LiveBody(head, feed, house.failures),
        {
            "refresh": str(RECONNECT_S),
            "content-security-policy": headers.policy(member.chat.nonce),
        },
    )


@chat.get("/moved")
async def moved(chat_id: str) -> Response:
    """Where an older stream goes when the same session opened a newer one."""
    member = await membership(chat_id)
    return page("moved.html", back=f"/chat/{member.chat_id}/live")


@chat.post("/leave")
async def leave(chat_id: str) -> Response:
    """Leave, to the door."""
    return await _leave(chat_id, "leave", "/")


@chat.post("/next")
async def next_one(chat_id: str) -> Response:
    """Leave, and ask for somebody else."""
    return await _leave(chat_id, "next", "/wait")


@chat.get("/wrong")
async def wrong(chat_id: str) -> Response:
    """What can be done when something is wrong: the quickest first."""
    return page("wrong.html", member=await membership(chat_id))


@chat.post("/never")
async def never(chat_id: str) -> Response:
    """Leave, never meet this one again, and ask for somebody else."""
    return await _leave(chat_id, "never", "/wait")


async def _leave(chat_id: str, form_name: str, to: str) -> Response:
    store, (member, _) = services().store, await pressed(chat_id, form_name)
    if member is None:
        return failures.failure_page(failures.FOREIGN_FORM)
    if form_name == "never":
        await store.never(member.secret, member.chat_id)
    if form_name in {"next", "never"}:
        return see_other(way_of(await store.ask(member.secret, None), to))
    await store.leave(member.secret, member.chat_id)
    return see_other(to)


class ChatFeed:
    """Says what happens in a conversation, from a cursor onwards.

    Args:
        store: where the conversation is.
        member: who reads.
        after: the cursor to begin at.
        language: of the events' sentences.
    """

    def __init__(self, store: Store, member: Membership, after: int, language: Language) -> None:
        self._store = store
        self._member = member
        self._cursor = max(after, member.chat.joined_seq)
        self._language = language
        self.finished = False

    def hold(self, wake: Wake) -> AbstractAsyncContextManager[Stream]:
        """Take the session's stream, for this conversation."""
        return self._store.stream(self._member.secret, self._member.chat_id, wake)

    async def news(self) -> list[str]:
        """An event for each entry since the last call, at most a page of them."""
        secret, chat_id = self._member.secret, self._member.chat_id
        try:
            read = await self._store.read(secret, chat_id, self._cursor, PAGE_ENTRIES)
        except NotAMemberError:
            self.finished = True
            return [self.farewell(StreamEnd.FORGOTTEN)]
        self._cursor = read.cursor
        missed = [render_missed(read.missed, self._language)] if read.missed else []
        nonce = self._member.chat.nonce
        return missed + [
            render_entry(entry, read.names, self._language, nonce=nonce) for entry in read.entries
        ]

    def beat(self) -> str:
        """One cell: an element that re-arms the banner and shows nothing."""
        return "<i></i>"

    def farewell(self, end: StreamEnd) -> str:
        """Send the frame where it says why, or say it in place."""
        # A page of its own, because what stands here is asked for again a moment later.
        pages = {
            StreamEnd.MOVED: f"/chat/{self._member.chat_id}/moved",
            StreamEnd.FORGOTTEN: OVER,
            StreamEnd.PANIC: BLANK,
        }
        if end in pages:
            return f'<meta http-equiv=refresh content="0;url={pages[end]}">'
        sentence = self._language.gettext("The line was closed. Press Reconnect.")
        return f"<p class=e>{escape(sentence)}</p>"
