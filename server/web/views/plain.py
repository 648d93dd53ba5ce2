"""The plain view: one document that stands still, for screen readers, slow lines, text browsers."""

from __future__ import annotations

from markupsafe import Markup
from quart import Blueprint, Response

from server.core.errors import BadCursorError
from server.core.limits import PAGE_ENTRIES
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
    return await plain_page(await membership(chat_id), Draft())


async def plain_page(member: Membership, draft: Draft, status: int = 200) -> Response:
    """The document, with the composer at its end.

    Raises:
        BadCursorError: if the URL's `after` or `before` names no place of this conversation.
    """
    house, chat = services(), member.chat
    after = max(read_number("after", default=chat.joined_seq), chat.joined_seq)
    before = read_number("before", default=chat.last_seq + 1)
    if after > chat.last_seq or not chat.joined_seq < before <= chat.last_seq + 1:
        raise BadCursorError
    start = max(before - 1 - PAGE_ENTRIES, chat.joined_seq)
    read = await house.store.read(member.secret, member.chat_id, start, before - 1 - start)
    first_seq = start + read.missed + 1
    return page(
        "plain.html",
        status,
        member=member,
        draft=draft,
        lines=[
            (entry.seq, Markup(render_entry(entry, chat.names, house.language)))  # noqa: S704 escaped there
            for entry in read.entries
        ],
        missed=Markup(render_missed(read.missed, house.language)) if read.missed else "",  # noqa: S704
        new=chat.last_seq - after,
        first_new=max(after + 1, first_seq),
        earlier=first_seq if first_seq > chat.joined_seq + 1 and not read.missed else None,
        seen=chat.last_seq,
    )
