"""The plain view: one document without frames, for screen readers, slow lines, text browsers.

The page is static; with `every` it reloads itself. A reloading page has no field to write in,
because the next reload would discard what is typed; a link leads to the static page instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from quart import Blueprint, Response, g, request

from server.core.errors import BadCursorError
from server.core.limits import PLAIN_PAGE_ENTRIES, RING_ENTRIES
from server.store.contract.chat import ChatView
from server.store.contract.rooms import MemberRequest
from server.web.edge import headers
from server.web.edge.query_params import read_number
from server.web.edge.responses import page, see_other
from server.web.feeds.notices import (
    HERE,
    Here,
    lifetime_sentences,
    render_other_chat_notices,
    render_request,
)
from server.web.membership import Membership, find_membership
from server.web.nudge import ASKED
from server.web.refusals import current_refusal
from server.web.render.composer_draft import Draft
from server.web.render.entries import render_entry, render_missed
from server.web.services import current_services

plain = Blueprint("plain", __name__, url_prefix="/chat/<chat_id>")

EVERY_S = range(5, 3_601)
"""The permitted reload intervals, in seconds."""

OFFERED_S = (10, 30, 60, 300)
"""The reload intervals that the page offers."""

REFRESH_ENTRIES = 20
"""Entries on a page that reloads itself: each costs its bytes with every reload."""


TEXT = "text"
"""The field of a message."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which part of a conversation a page shows, and how it continues."""

    seen: int
    """The newest entry that the reader has seen."""

    before: int | None = None
    """The page shows entries before this one; `None` for the newest."""

    every: int = 0
    """Seconds after which the page reloads itself; 0 for never."""

    back_to: int = 0
    """Reload interval of the page that the visitor returns to after sending; 0 for none."""


@plain.get("/plain")
async def newest(chat_id: str) -> Response:
    """Show the newest entries, or those before `before`; those after `after` count as new."""
    member = await find_membership(chat_id)
    await current_services().store.set_plain_reading(member.secret, member.chat_id)
    newest_seq = member.chat.last_seq
    before = read_number("before", default=newest_seq + 1)
    # A reader who pages back came from the newer entries, so these have been seen.
    seen = read_number("after", default=0 if before > newest_seq else newest_seq)
    every, back_to = read_number("every", default=0), read_number("write", default=0)
    if any(seconds and seconds not in EVERY_S for seconds in (every, back_to)):
        raise BadCursorError
    draft = kept_draft(several=g.settings.several_lines)
    return await plain_page(member, draft, 200, Span(seen, before, every, back_to))


def kept_draft(*, several: bool) -> Draft:
    """Return the composer's content: the text of a refused message, if the page shows one."""
    refusal = current_refusal()
    if refusal is None:
        return Draft(several=several)
    return Draft(refusal.form[TEXT], refusal.form[ASKED], several)


@plain.get("/read")
async def read(chat_id: str) -> Response:
    """Redirect a link on a page that reloads itself back to that page.

    The separate path distinguishes a click from an automatic reload; see `edge/activity.py`.
    """
    query = request.query_string.decode("ascii", "ignore")
    return see_other(f"/chat/{(await find_membership(chat_id)).chat_id}/plain?{query}")


async def plain_page(member: Membership, draft: Draft, status: int, span: Span) -> Response:
    """Render the document, with the composer at its end.

    Args:
        member: the reader's membership.
        draft: the content of the composer.
        status: the HTTP status; that of the refusal if the draft was refused.
        span: the part of the conversation to show.

    Raises:
        BadCursorError: if the span is outside this member's part of the conversation.
    """
    services, asks = current_services(), bool(span.every)
    after, before = _cursors(member.chat, span)
    requests = await _requests(member, before)
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
        told=lifetime_sentences(
            await services.store.lifetime(member.secret, reloads=asks), with_question=asks
        ),
        here=Here(f"/chat/{member.chat_id}/here", member.token(HERE), after, span.every),
        elsewhere=await _elsewhere(member),
        requests=[Markup(render_request(request, services.language)) for request in requests],  # noqa: S704 escaped there
        new=await _count_new(member, after) + _count_new_requests(requests, after, span),
        **await _lines(
            member, after, before, REFRESH_ENTRIES if span.every else PLAIN_PAGE_ENTRIES
        ),
    )
    response.headers["content-security-policy"] = headers.policy(member.chat.style_nonce)
    if span.every:
        response.headers["refresh"] = str(span.every)
    return response


async def _lines(member: Membership, after: int, before: int, most: int) -> dict[str, Any]:
    """Return at most `most` entries before a cursor, and how many the ring has dropped there."""
    services, ids, joined = (
        current_services(),
        (member.secret, member.chat_id),
        member.chat.joined_seq,
    )
    older = await services.store.list_entries(*ids, joined, until=before - 1)
    is_first = len(older.seqs) <= most
    begin = joined if is_first else older.seqs[-most] - 1
    shown = await services.store.read(*ids, begin, RING_ENTRIES, until=before - 1)
    missed = render_missed(shown.missed_count, services.language) if shown.missed_count else ""
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
    """Count new entries one by one: muted members' messages are not shown to this reader."""
    fresh = await current_services().store.list_entries(member.secret, member.chat_id, after)
    return fresh.missed_count + len(fresh.seqs)


async def _requests(member: Membership, before: int) -> Sequence[MemberRequest]:
    """Return what others ask of the reader; a page of older entries does not show it."""
    if before <= member.chat.last_seq:
        return []
    return await current_services().store.list_requests(member.secret, member.chat_id)


def _count_new_requests(requests: Sequence[MemberRequest], after: int, span: Span) -> int:
    """Count the requests that are new. On a page that reloads itself they stay so for a while."""
    return sum(
        request.is_new
        or request.asked_seq > after
        or (bool(span.every) and request.asked_seq == after)
        for request in requests
    )


async def _elsewhere(member: Membership) -> Markup:
    """Render notices about the visitor's other conversations."""
    services = current_services()
    notices = await services.store.unread_elsewhere(member.secret, member.chat_id)
    return await render_other_chat_notices(notices, member.secret, services)


def _cursors(chat: ChatView, span: Span) -> tuple[int, int]:
    """Return the cursor after which entries are new, and the one before which the page ends."""
    before = chat.last_seq + 1 if span.before is None else span.before
    after = max(span.seen, chat.joined_seq)
    if after > chat.last_seq or not chat.joined_seq < before <= chat.last_seq + 1:
        raise BadCursorError
    return after, before
