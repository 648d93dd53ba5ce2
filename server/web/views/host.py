"""Actions of the opener of a private room: one form with many buttons, and new invitations."""

from __future__ import annotations

from quart import Blueprint, Response

from server.core.ids import ChatId
from server.store.contract.private_rooms import HostAction
from server.web.edge.error_pages import NO_SUCH_ACTION, refusal_for, refuse_button
from server.web.edge.invite_codes import new_invitation
from server.web.edge.query_params import to_number
from server.web.edge.responses import page, see_other
from server.web.membership import find_membership, read_chat_form
from server.web.services import current_services
from server.web.views.people import PEOPLE

host = Blueprint("host", __name__, url_prefix="/chat/<chat_id>")

INVITATION = "invitation"


@host.post("/host")
async def act(chat_id: str) -> Response:
    """Perform the action of the pressed button; its value is an action and maybe a member."""
    member, form = await read_chat_form(chat_id, PEOPLE)
    name, _, number = form["act"].partition(" ")
    try:
        action = HostAction(name)
    except ValueError:
        return await refuse_button(refusal_for(NO_SUCH_ACTION))
    await current_services().store.host_action(
        member.secret, member.chat_id, action, to_number(number, 0)
    )
    return see_other(f"/chat/{member.chat_id}/people")


@host.post("/invitation")
async def invite(chat_id: str) -> Response:
    """Issue a new invitation, and lead to its page; the previous one becomes invalid."""
    member, form = await read_chat_form(chat_id, INVITATION)
    invitation = new_invitation(form)
    await current_services().store.issue_invitation(member.secret, member.chat_id, invitation)
    return see_other(invitation_path(member.chat_id))


@host.get("/invitation")
async def shown(chat_id: str) -> Response:
    """Show the invitation to the opener who issued it, until it ends."""
    member = await find_membership(chat_id)
    code = await current_services().store.shown_invitation(member.secret, member.chat_id)
    return page("invitation.html", chat_id=member.chat_id, code=code)


def invitation_path(chat_id: ChatId) -> str:
    """Return the path of the page that shows the invitation to a room."""
    return f"/chat/{chat_id}/invitation"
