"""Private rooms: open one, enter with a code, knock and wait to be let in."""

from __future__ import annotations

from quart import Blueprint, Response

from server.core.errors import NotAMemberError, VisitorError
from server.core.ids import ChatId, Secret
from server.core.limits import INVITATION_MINUTES, INVITATION_USES
from server.web.edge import error_pages
from server.web.edge.cookies import visitor
from server.web.edge.first_visit import first_form_token, is_first_form_valid, with_session
from server.web.edge.forms import Form, read_form
from server.web.edge.invite_codes import USUAL_MINUTES, USUAL_USES, new_invitation, read_code
from server.web.edge.query_params import to_number
from server.web.edge.responses import page, see_other
from server.web.feeds.notices import HERE, Here, lifetime_sentences
from server.web.membership import read_session_form
from server.web.services import current_services
from server.web.views.rooms import INVITE, refusal_sentence, rooms_page

private = Blueprint("private", __name__)

OPEN = "open"
STOP = "stop"
LOOK_AGAIN_S = 10
"""Seconds after which the page of a knocking visitor reloads itself."""


@private.get("/rooms/new")
async def blank() -> Response:
    """Show the form that opens a room."""
    return _open_form(Form([]))


@private.post("/rooms/new")
async def open_room() -> Response:
    """Open a private room, and show its invitation this once."""
    form = await read_form()
    if not is_first_form_valid(form["token"], OPEN):
        failure = error_pages.FOREIGN_FORM
        return _open_form(
            form, failure.status, current_services().language.gettext(failure.sentence)
        )

    async def open_for(secret: Secret) -> Response:
        code, invitation = new_invitation(form)
        chat_id = await current_services().store.open_room(secret, form["title"], invitation)
        return page("invitation.html", chat_id=chat_id, code=code)

    try:
        return await with_session(open_for)
    except VisitorError as error:
        return _open_form(form, error_pages.failure_of(error).status, refusal_sentence(error))


@private.post("/invite")
async def invite() -> Response:
    """Enter a room with a code, or knock where required, or wait for the other rematch code."""
    form = await read_form()
    if not is_first_form_valid(form["token"], INVITE):
        failure = error_pages.FOREIGN_FORM
        sentence = current_services().language.gettext(failure.sentence)
        return await rooms_page(failure.status, sentence, form["code"])

    async def enter(secret: Secret) -> Response:
        store, keys = current_services().store, read_code(form["code"])
        if keys is None:
            # Counted as a wrong code, so that it costs a guess, too.
            await store.refuse_code(secret)
        welcome = await store.use_code(secret, *keys)
        if welcome is None:
            return see_other("/wait")
        return see_other(f"/{'chat' if welcome.is_member else 'knock'}/{welcome.chat_id}")

    try:
        return await with_session(enter)
    except VisitorError as error:
        status = error_pages.failure_of(error).status
        return await rooms_page(status, refusal_sentence(error), form["code"])


@private.get("/knock/<chat_id>")
async def knock(chat_id: str) -> Response:
    """Show the page of a visitor who waits to be let in; it reloads itself."""
    secret = visitor()
    if secret is None:
        raise NotAMemberError
    welcome = await current_services().store.knock_state(secret, ChatId(chat_id))
    if welcome.is_member:
        return see_other(f"/chat/{welcome.chat_id}")
    tokens = current_services().tokens
    response = page(
        "knock.html",
        chat_id=welcome.chat_id,
        token=tokens.form(secret.handle, STOP, chat_id),
        told=lifetime_sentences(
            await current_services().store.lifetime(secret, reloads=True), with_question=True
        ),
        here=Here(f"/knock/{welcome.chat_id}/here", tokens.form(secret.handle, HERE, chat_id)),
    )
    response.headers["refresh"] = f"{LOOK_AGAIN_S};url=/knock/{welcome.chat_id}"
    return response


@private.post("/knock/<chat_id>/here")
async def here(chat_id: str) -> Response:
    """Confirm that the visitor is still there, and continue to wait."""
    await read_session_form(HERE, chat_id)
    return see_other(f"/knock/{chat_id}")


@private.post("/knock/<chat_id>/stop")
async def stop(chat_id: str) -> Response:
    """Stop knocking."""
    secret, _ = await read_session_form(STOP, chat_id)
    await current_services().store.stop_knocking(secret, ChatId(chat_id))
    return see_other("/rooms")


def _open_form(form: Form, status: int = 200, problem: str = "") -> Response:
    """Show the form with what was typed and chosen, and the problem if it was refused."""
    chosen = to_number(form["uses"], USUAL_USES), to_number(form["minutes"], USUAL_MINUTES)
    return page(
        "open.html",
        status,
        token=first_form_token(OPEN),
        title=form["title"],
        problem=problem,
        uses=INVITATION_USES,
        minutes=INVITATION_MINUTES,
        usual=chosen,
    )
