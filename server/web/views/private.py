"""Private rooms: open one, enter with a code, knock and wait to be let in."""

from __future__ import annotations

from quart import Blueprint, Response

from server.core.errors import NotAMemberError, VisitorError
from server.core.ids import ChatId, Secret
from server.core.limits import INVITATION_MINUTES, INVITATION_USES
from server.web.edge.cookies import visitor
from server.web.edge.error_pages import FOREIGN_FORM, refusal_for, refusal_of
from server.web.edge.first_visit import first_form_token, is_first_form_valid, with_session
from server.web.edge.forms import Form, read_form
from server.web.edge.invite_codes import USUAL_MINUTES, USUAL_USES, new_invitation, read_code
from server.web.edge.query_params import to_number
from server.web.edge.responses import page, see_other
from server.web.feeds.notices import HERE, Here, lifetime_sentences
from server.web.membership import read_session_form
from server.web.refusals import current_refusal, refuse
from server.web.render.operator_text import text_in_language
from server.web.services import current_services
from server.web.views.host import invitation_path
from server.web.views.rooms import CODE, INVITE, ROOMS_PATH, rooms_page

private = Blueprint("private", __name__)

OPEN = "open"
STOP = "stop"
OPEN_PATH, TITLE = "/rooms/new", "title"
CODE_FRAGMENT = "#code"
"""The place of the code's field on the page with the rooms."""

LOOK_AGAIN_S = 10
"""Seconds after which the page of a knocking visitor reloads itself."""


@private.get("/rooms/new")
async def blank() -> Response:
    """Show the form that opens a room."""
    return await _open_form()


@private.post("/rooms/new")
async def open_room() -> Response:
    """Open a private room, and lead to the page with its invitation."""
    form = await read_form()
    if not is_first_form_valid(form["token"], OPEN):
        return await refuse(OPEN_PATH, refusal_for(FOREIGN_FORM, form, TITLE), _open_form)

    async def open_for(secret: Secret) -> Response:
        store = current_services().store
        return see_other(
            invitation_path(await store.open_room(secret, form["title"], new_invitation(form)))
        )

    try:
        return await with_session(open_for)
    except VisitorError as error:
        return await refuse(OPEN_PATH, refusal_of(error, form, TITLE), _open_form)


@private.post("/invite")
async def invite() -> Response:
    """Enter a room with a code, or knock where required, or wait for the other rematch code."""
    form = await read_form()
    if not is_first_form_valid(form["token"], INVITE):
        return await refuse(
            ROOMS_PATH, refusal_for(FOREIGN_FORM, form, CODE), rooms_page, CODE_FRAGMENT
        )

    async def enter(secret: Secret) -> Response:
        store = current_services().store
        await store.check_guess(secret)
        welcome = await store.use_code(secret, *read_code(form[CODE]))
        if welcome is None:
            return see_other("/wait")
        return see_other(f"/{'chat' if welcome.is_member else 'knock'}/{welcome.chat_id}")

    try:
        return await with_session(enter)
    except VisitorError as error:
        refusal = refusal_of(error, form, CODE)
        return await refuse(ROOMS_PATH, refusal, rooms_page, CODE_FRAGMENT)


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


async def _open_form() -> Response:
    """Show the form; after a refusal with what was typed and chosen."""
    services, refusal = current_services(), current_refusal()
    form = Form([]) if refusal is None else refusal.form
    chosen = to_number(form["uses"], USUAL_USES), to_number(form["minutes"], USUAL_MINUTES)
    return page(
        "open.html",
        own_rules=text_in_language(services.house.rules, services.language),
        token=first_form_token(OPEN),
        title=form[TITLE],
        uses=INVITATION_USES,
        minutes=INVITATION_MINUTES,
        usual=chosen,
    )
