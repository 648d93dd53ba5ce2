"""What the opener of a private room does: one form with many buttons, and a new invitation."""

from __future__ import annotations

from quart import Blueprint, Response

from server.store.contract.private_rooms import HostAction
from server.web.edge import error_pages
from server.web.edge.invite_codes import new_invitation
from server.web.edge.query_params import to_number
from server.web.edge.responses import page, see_other
from server.web.membership import pressed
from server.web.services import current_services
from server.web.views.people import PEOPLE

host = Blueprint("host", __name__, url_prefix="/chat/<chat_id>")

INVITATION = "invitation"


@host.post("/host")
async def act(chat_id: str) -> Response:
    """Do what the pressed button says: an act, and for some a number of somebody."""
    member, form = await pressed(chat_id, PEOPLE)
    name, _, who = form["act"].partition(" ")
    try:
        chosen = HostAction(name)
    except ValueError:
        return error_pages.failure_page(error_pages.NOT_FOUND)
    await current_services().store.host_action(
        member.secret, member.chat_id, chosen, to_number(who, 0)
    )
    return see_other(f"/chat/{member.chat_id}/people")


@host.post("/invitation")
async def invite(chat_id: str) -> Response:
    """Issue a new invitation, and show it this once; the one before is burnt."""
    member, form = await pressed(chat_id, INVITATION)
    code, invitation = new_invitation(form)
    await current_services().store.new_invitation(member.secret, member.chat_id, invitation)
    return page("invitation.html", chat_id=member.chat_id, code=code)
