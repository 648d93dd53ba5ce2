"""The plain view: one document that stands still, for screen readers, slow lines, text browsers."""

from __future__ import annotations

from markupsafe import Markup
from quart import Blueprint, Response

from server.core.errors import BadCursorError
from server.core.limits import PAGE_ENTRIES, RING_ENTRIES
from server.store.base import ChatView
from server.web import headers
from server.web.answers import page
from server.web.draft import Draft
from server.web.entries import render_entry, render_missed
from server.web.members import Membership, membership
from server.web.queries import read_number
from server.web.services import services

plain = Blueprint("plain", __name__, url_prefix="/chat/<chat_id>")


@plain.get("/plain")
async def newest(chat_id: str) -> Response:
    """The newest 50 entries, or those before `before`; those after `after` are the new ones."""
    member = await membership(chat_id)
    newest_seq = member.chat.last_seq
    before = read_number("before", default=newest_seq + 1)
    # Whoever pages back has seen what is newer: they came from there.
    seen = read_number("after", default=0 if before > newest_seq else newest_seq)
    return await plain_page(member, Draft(), seen=seen, before=before)


async def plain_page(
    member: Membership, draft: Draft, status: int = 200, *, seen: int, before: int | None = None
) -> Response:
    """The document, with the composer at its end.

    Args:
        member: who reads.
        draft: what stands in the composer.
        status: why the words in it were refused, if they were.
        seen: the newest entry that the reader has seen.
        before: the entries before this one; by default the newest.

    Raises:
        BadCursorError: if `seen` or `before` is no place of this conversation.
    """
    house, chat = services(), member.chat
    after, before = _places(chat, seen, chat.last_seq + 1 if before is None else before)
    first_seq = min(max(before - PAGE_ENTRIES, chat.oldest_seq), before)
    read = await house.store.read(member.secret, member.chat_id, first_seq - 1, before - first_seq)
    # Counted and not subtracted: what a muted member says is no line for this reader.
    fresh = await house.store.read(member.secret, member.chat_id, after, RING_ENTRIES)
    forgotten = chat.oldest_seq - 1 - chat.joined_seq if first_seq <= chat.oldest_seq else 0
    response = page(
        "plain.html",
        status,
        member=member,
        draft=draft,
        lines=[
            (entry.seq, Markup(render_entry(entry, read.names, house.language)))  # noqa: S704 escaped there
            for entry in read.entries
        ],
        missed=Markup(render_missed(forgotten, house.language)) if forgotten else "",  # noqa: S704
        new=fresh.missed + len(fresh.entries),
        first_new=next((entry.seq for entry in read.entries if entry.seq > after), None),
        earlier=first_seq if first_seq > chat.oldest_seq else None,
        seen=chat.last_seq,
    )
    response.headers["content-security-policy"] = headers.policy(chat.nonce)
    return response


def _places(chat: ChatView, seen: int, before: int) -> tuple[int, int]:
    """The cursor of what is new, and where the page ends."""
    after = max(seen, chat.joined_seq)
    if after > chat.last_seq or not chat.joined_seq < before <= chat.last_seq + 1:
        raise BadCursorError
    return after, before
