"""Who is in a conversation, and what one can do about it: mute, delete one's own words."""

from __future__ import annotations

from quart import Blueprint, Response

from server.core.limits import INVITATION_MINUTES, INVITATION_USES
from server.web.edge.invite_codes import USUAL_MINUTES, USUAL_USES
from server.web.edge.query_params import to_number
from server.web.edge.responses import page, see_other
from server.web.membership import membership, pressed
from server.web.services import current_services

people = Blueprint("people", __name__, url_prefix="/chat/<chat_id>")

PEOPLE = "people"
"""The form of the list, whose buttons lead to several addresses."""

DELETE = "delete"

NOBODY = 0
"""The number that no member and no entry has."""


@people.get("/people")
async def listing(chat_id: str) -> Response:
    """The members by number, one's own last words; in a support room where to find help."""
    member, store = await membership(chat_id), current_services().store
    # Who looks at this page has left the stream, and is not gone for that.
    await store.stop_streaming(member.secret, member.chat_id)
    return page(
        "people.html",
        member=member,
        here=await store.list_members(member.secret, member.chat_id),
        mine=await store.own_messages(member.secret, member.chat_id),
        private=await store.private_room(member.secret, member.chat_id),
        uses=INVITATION_USES,
        minutes=INVITATION_MINUTES,
        usual=(USUAL_USES, USUAL_MINUTES),
    )


@people.post("/mute")
async def mute(chat_id: str) -> Response:
    """Show nothing more of what somebody says; pressed again, show it."""
    member, form = await pressed(chat_id, PEOPLE)
    who = to_number(form["who"], NOBODY)
    await current_services().store.mute(member.secret, member.chat_id, who)
    return see_other(f"/chat/{member.chat_id}/people")


@people.post("/aside")
async def side_chat(chat_id: str) -> Response:
    """Ask somebody for a private talk, or say yes: then straight to it."""
    member, form = await pressed(chat_id, PEOPLE)
    who = to_number(form["who"], NOBODY)
    there = await current_services().store.start_side_chat(member.secret, member.chat_id, who)
    return see_other(f"/chat/{there}" if there else f"/chat/{member.chat_id}/people")


@people.post("/delete")
async def delete(chat_id: str) -> Response:
    """Take back something that one has said."""
    member, form = await pressed(chat_id, DELETE)
    seq = to_number(form["seq"], NOBODY)
    await current_services().store.delete(member.secret, member.chat_id, seq)
    return see_other(f"/chat/{member.chat_id}/people")
