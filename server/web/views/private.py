"""The ways into private rooms: open one, show an invitation, knock and wait."""

from __future__ import annotations

from quart import Blueprint, Response

from server.core.errors import InvitationUnknownError, NotAMemberError, VisitorError
from server.core.ids import ChatId, Secret
from server.core.limits import INVITATION_MINUTES, INVITATION_USES
from server.web.edge import error_pages
from server.web.edge.cookies import visitor
from server.web.edge.first_visit import first_token, is_first, with_session
from server.web.edge.forms import Form, read_form
from server.web.edge.invite_codes import USUAL_MINUTES, USUAL_USES, new_invitation, read_code
from server.web.edge.query_params import to_number
from server.web.edge.responses import page, see_other
from server.web.feeds.notices import HERE, Here, due
from server.web.membership import pressed_by
from server.web.services import current_services
from server.web.views.rooms import INVITE, problem_of, rooms_page

private = Blueprint("private", __name__)

OPEN = "open"
STOP = "stop"
LOOK_AGAIN_S = 10
"""Seconds until the page of somebody who knocks looks again by itself."""


@private.get("/rooms/new")
async def blank() -> Response:
    """The form that opens a room."""
    return _open_form(Form([]))


@private.post("/rooms/new")
async def open_room() -> Response:
    """Open a room, and show its invitation this once."""
    form = await read_form()
    if not is_first(form["token"], OPEN):
        failure = error_pages.FOREIGN_FORM
        return _open_form(
            form, failure.status, current_services().language.gettext(failure.sentence)
        )

    async def opened(secret: Secret) -> Response:
        code, invitation = new_invitation(form)
        chat_id = await current_services().store.open_room(secret, form["title"], invitation)
        return page("invitation.html", chat_id=chat_id, code=code)

    try:
        return await with_session(opened)
    except VisitorError as error:
        return _open_form(form, error_pages.failure_of(error).status, problem_of(error))


@private.post("/invite")
async def invite() -> Response:
    """Come in by a code, or knock where one has to, or wait for whoever has the other code."""
    form = await read_form()
    if not is_first(form["token"], INVITE):
        failure = error_pages.FOREIGN_FORM
        sentence = current_services().language.gettext(failure.sentence)
        return await rooms_page(failure.status, sentence, form["code"])

    async def enter(secret: Secret) -> Response:
        keys = read_code(form["code"])
        if keys is None:
            raise InvitationUnknownError
        welcome = await current_services().store.use_code(secret, *keys)
        if welcome is None:
            return see_other("/wait")
        return see_other(f"/{'chat' if welcome.is_in else 'knock'}/{welcome.chat_id}")

    try:
        return await with_session(enter)
    except VisitorError as error:
        status = error_pages.failure_of(error).status
        return await rooms_page(status, problem_of(error), form["code"])


@private.get("/knock/<chat_id>")
async def knock(chat_id: str) -> Response:
    """The page of somebody who waits to be let in; looks again by itself."""
    secret = visitor()
    if secret is None:
        raise NotAMemberError
    welcome = await current_services().store.knock_state(secret, ChatId(chat_id))
    if welcome.is_in:
        return see_other(f"/chat/{welcome.chat_id}")
    tokens = current_services().tokens
    response = page(
        "knock.html",
        chat_id=welcome.chat_id,
        token=tokens.form(secret.handle, STOP, chat_id),
        told=due(await current_services().store.lifetime(secret, reloads=True), asks=True),
        here=Here(f"/knock/{welcome.chat_id}/here", tokens.form(secret.handle, HERE, chat_id)),
    )
    response.headers["refresh"] = f"{LOOK_AGAIN_S};url=/knock/{welcome.chat_id}"
    return response


@private.post("/knock/<chat_id>/here")
async def here(chat_id: str) -> Response:
    """Somebody who was asked is still there, and waits on."""
    await pressed_by(HERE, chat_id)
    return see_other(f"/knock/{chat_id}")


@private.post("/knock/<chat_id>/stop")
async def stop(chat_id: str) -> Response:
    """Knock no longer."""
    secret, _ = await pressed_by(STOP, chat_id)
    await current_services().store.stop_knocking(secret, ChatId(chat_id))
    return see_other("/rooms")


def _open_form(form: Form, status: int = 200, problem: str = "") -> Response:
    """The form, with what was typed and chosen; and why it comes back, if it does."""
    chosen = to_number(form["uses"], USUAL_USES), to_number(form["minutes"], USUAL_MINUTES)
    return page(
        "open.html",
        status,
        token=first_token(OPEN),
        title=form["title"],
        problem=problem,
        uses=INVITATION_USES,
        minutes=INVITATION_MINUTES,
        usual=chosen,
    )
