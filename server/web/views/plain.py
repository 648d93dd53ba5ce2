"""The plain view: one document without frames, for screen readers, slow lines, text browsers.

It stands still; with `every` it reloads itself. Then it has no field to write in, because what is
typed would be gone with the next reload: a link leads to the same page standing still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from quart import Blueprint, Response, request

from server.core.errors import BadCursorError
from server.core.limits import PAGE_ENTRIES, RING_ENTRIES
from server.store.contract.chat import ChatView
from server.web.edge import headers
from server.web.edge.query_params import read_number
from server.web.edge.responses import page, see_other
from server.web.feeds.notices import HERE, Here, due, render_elsewhere
from server.web.membership import Membership, membership
from server.web.render.composer_draft import Draft
from server.web.render.entries import render_entry, render_missed
from server.web.services import current_services

plain = Blueprint("plain", __name__, url_prefix="/chat/<chat_id>")

EVERY_S = range(5, 3_601)
"""Seconds after which the page may be told to reload itself."""

OFFERED_S = (10, 30, 60, 300)
"""Those of them that the page offers."""

REFRESH_ENTRIES = 20
"""Entries on a page that reloads itself: each costs its bytes every time."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which part of a conversation a page shows, and how it goes on."""

    seen: int
    """The newest entry that the reader has seen."""

    before: int | None = None
    """The entries before this one; by default the newest."""

    every: int = 0
    """Seconds after which the page reloads itself; 0 for never."""

    back_to: int = 0
    """The same of the page to which sending leads back."""


@plain.get("/plain")
async def newest(chat_id: str) -> Response:
    """The newest entries, or those before `before`; those after `after` are the new ones."""
    member = await membership(chat_id)
    await current_services().store.stop_streaming(member.secret, member.chat_id)
    newest_seq = member.chat.last_seq
    before = read_number("before", default=newest_seq + 1)
    # Whoever pages back has seen what is newer: they came from there.
    seen = read_number("after", default=0 if before > newest_seq else newest_seq)
    every, back_to = read_number("every", default=0), read_number("write", default=0)
    if any(seconds and seconds not in EVERY_S for seconds in (every, back_to)):
        raise BadCursorError
    return await plain_page(member, Draft(), 200, Span(seen, before, every, back_to))


@plain.get("/read")
async def read(chat_id: str) -> Response:
    """Where a link leads that was pressed on a page that reloads itself: to that page, anew.

    An address of its own tells the press from the reload.
    """
    query = request.query_string.decode("ascii", "ignore")
    return see_other(f"/chat/{(await membership(chat_id)).chat_id}/plain?{query}")


async def plain_page(member: Membership, draft: Draft, status: int, span: Span) -> Response:
    """The document, with the composer at its end.

    Args:
        member: who reads.
        draft: what stands in the composer.
        status: why the words in it were refused, if they were.
        span: which part of the conversation.

    Raises:
        BadCursorError: if the span is none of this conversation.
    """
    services, asks = current_services(), bool(span.every)
    after, before = _places(member.chat, span)
    response = page(
        "plain.html",
        status,
        member=member,
        draft=draft,
        after=after,
        seen=member.chat.last_seq,
        span=span,
        counted="title" not in request.args,
        choices=OFFERED_S,
        told=due(await services.store.lifetime(member.secret, reloads=asks), asks=asks),
        here=Here(f"/chat/{member.chat_id}/here", member.token(HERE), after, span.every),
        elsewhere=await _elsewhere(member),
        new=await _count_new(member, after),
        **await _lines(member, after, before, REFRESH_ENTRIES if span.every else PAGE_ENTRIES),
    )
    response.headers["content-security-policy"] = headers.policy(member.chat.nonce)
    if span.every:
        response.headers["refresh"] = str(span.every)
    return response


async def _lines(member: Membership, after: int, before: int, most: int) -> dict[str, Any]:
    """The lines before a place, at most so many; and how many are gone from among them."""
    services, ids, joined = (
        current_services(),
        (member.secret, member.chat_id),
        member.chat.joined_seq,
    )
    older = await services.store.list_entries(*ids, joined, until=before - 1)
    is_first = len(older.seqs) <= most
    begin = joined if is_first else older.seqs[-most] - 1
    shown = await services.store.read(*ids, begin, RING_ENTRIES, until=before - 1)
    missed = render_missed(shown.missed, services.language) if shown.missed else ""
    return {
        "lines": [
            (entry.seq, Markup(render_entry(entry, shown.names, services.language)))  # noqa: S704 escaped there
            for entry in shown.entries
        ],
        "missed": Markup(missed),  # noqa: S704
        "first_new": next((entry.seq for entry in shown.entries if entry.seq > after), None),
        "earlier": None if is_first else begin + 1,
    }


async def _count_new(member: Membership, after: int) -> int:
    """Counted and not subtracted: what a muted member says is no line for this reader."""
    fresh = await current_services().store.list_entries(member.secret, member.chat_id, after)
    return fresh.missed + len(fresh.seqs)


async def _elsewhere(member: Membership) -> Markup:
    """What there is in this visitor's other conversations."""
    services = current_services()
    told = await services.store.unread_elsewhere(member.secret, member.chat_id)
    return await render_elsewhere(told, member.secret, services)


def _places(chat: ChatView, span: Span) -> tuple[int, int]:
    """The cursor of what is new, and where the page ends."""
    before = chat.last_seq + 1 if span.before is None else span.before
    after = max(span.seen, chat.joined_seq)
    if after > chat.last_seq or not chat.joined_seq < before <= chat.last_seq + 1:
        raise BadCursorError
    return after, before
