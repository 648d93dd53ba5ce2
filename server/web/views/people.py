"""The members of a conversation: mute, ask for a side chat, delete one's own messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quart import Blueprint, Response, request

from server.core.limits import INVITATION_MINUTES, INVITATION_USES
from server.store.contract.rooms import MemberView
from server.web.edge.invite_codes import USUAL_MINUTES, USUAL_USES
from server.web.edge.query_params import to_number
from server.web.edge.responses import page, see_other
from server.web.membership import find_membership, read_chat_form
from server.web.services import current_services

people = Blueprint("people", __name__, url_prefix="/chat/<chat_id>")

PEOPLE = "people"
"""The form of the list, whose buttons post to several paths."""

DELETE = "delete"

NOBODY = 0
"""A number that no member and no entry has."""


@people.get("/people")
async def listing(chat_id: str) -> Response:
    """Show the members, the visitor's own messages, and in a support room where to find help."""
    member, store = await find_membership(chat_id), current_services().store
    # Opening this page closes the stream, but the member has not gone away.
    await store.set_plain_reading(member.secret, member.chat_id)
    here = await store.list_members(member.secret, member.chat_id)
    private = await store.private_room(member.secret, member.chat_id)
    return page(
        "people.html",
        member=member,
        here=here,
        mine=await store.own_messages(member.secret, member.chat_id),
        private=private,
        asked=_asked(here) if private is not None and private.can_host else None,
        uses=INVITATION_USES,
        minutes=INVITATION_MINUTES,
        usual=(USUAL_USES, USUAL_MINUTES),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """An act of the host that hits others, which the page asks about once."""

    person: MemberView | None
    """Who would be removed; `None` if the room would be closed."""


def _asked(here: Sequence[MemberView]) -> Asked | None:
    """Read from the query which act is asked about."""
    number = to_number(request.args.get("remove", ""), NOBODY)
    for person in here:
        if person.number == number and person.is_here:
            return Asked(person)
    return Asked(None) if "close" in request.args else None


@people.post("/mute")
async def mute(chat_id: str) -> Response:
    """Toggle whether a member's messages are hidden from this visitor."""
    member, form = await read_chat_form(chat_id, PEOPLE)
    number = to_number(form["who"], NOBODY)
    await current_services().store.toggle_mute(member.secret, member.chat_id, number)
    return see_other(f"/chat/{member.chat_id}/people")


@people.post("/aside")
async def side_chat(chat_id: str) -> Response:
    """Ask a member for a side chat, or accept one: then redirect to it."""
    member, form = await read_chat_form(chat_id, PEOPLE)
    number = to_number(form["who"], NOBODY)
    begun = await current_services().store.request_side_chat(member.secret, member.chat_id, number)
    return see_other(f"/chat/{begun}" if begun else f"/chat/{member.chat_id}/people")


@people.post("/delete")
async def delete(chat_id: str) -> Response:
    """Delete one of the visitor's own messages."""
    member, form = await read_chat_form(chat_id, DELETE)
    seq = to_number(form["seq"], NOBODY)
    await current_services().store.delete_message(member.secret, member.chat_id, seq)
    return see_other(f"/chat/{member.chat_id}/people")
