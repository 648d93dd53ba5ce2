"""Writing: the composer in the lower frame, and the single endpoint for messages."""

from __future__ import annotations

from contextlib import suppress

from quart import Blueprint, Response, g, request

from server.core.errors import NotAMemberError, VisitorError
from server.core.ids import ChatId
from server.locales.language import mark
from server.web.edge import error_pages
from server.web.edge.cookies import visitor
from server.web.edge.error_pages import Failure, failure_of, sentence_of
from server.web.edge.forms import BodyTooLargeError, Form, read_form
from server.web.edge.query_params import to_number
from server.web.edge.responses import html, page, see_other
from server.web.membership import Membership, find_membership
from server.web.render.composer_draft import Draft
from server.web.services import current_services
from server.web.views.plain import EVERY_S, Span, plain_page

GONE = mark(
    "Nothing was sent: you are no longer in this conversation. You can copy your text below."
)

composer = Blueprint("composer", __name__, url_prefix="/chat/<chat_id>")


@composer.get("/composer")
async def empty(chat_id: str) -> Response:
    """Show an empty single-line composer, or a multi-line one with `?lines=1`."""
    member = await find_membership(chat_id)
    return _composer_page(member, Draft(several="lines" in request.args))


@composer.post("/messages")
async def post(chat_id: str) -> Response:
    """Send a message; every refusal keeps the text in the composer."""
    try:
        form = await read_form()
    except BodyTooLargeError:
        return await _refused(chat_id, Form([]), error_pages.BODY_TOO_LARGE)
    services, secret = current_services(), visitor()
    handle = None if secret is None else secret.handle
    token = services.tokens.read_composer(form["token"], handle, ChatId(chat_id))
    if secret is None or token is None:
        return await _refused(chat_id, form, error_pages.FOREIGN_FORM)
    try:
        if "more" in form:
            # Nothing is sent: the field changes between one line and several, with the same text.
            draft = Draft.kept(form["text"], several=form["more"] != "0")
            return await _answer(await find_membership(chat_id), form, draft)
        await services.store.post(secret, ChatId(chat_id), form["text"], token)
    except VisitorError as error:
        return await _refused(chat_id, form, failure_of(error), sentence_of(error))
    return see_other(_path_after_post(chat_id, form))


def _path_after_post(chat_id: str, form: Form) -> str:
    """Return the page to redirect to; its fragment puts the focus into the field again."""
    if form["view"] == "plain":
        every = _every(form)
        reload_query = f"&every={every}" if every else ""
        return f"/chat/{chat_id}/plain?after={_seen(form)}{reload_query}#new"
    return f"/chat/{chat_id}/composer{'?lines=1' if form['several'] else ''}#m"


def _every(form: Form) -> int:
    """Return the reload interval in seconds of the page that the form leads back to; 0 if none."""
    every = to_number(form["every"], 0)
    return every if every in EVERY_S else 0


def _seen(form: Form) -> int:
    """Return the newest entry on the plain page that contained this form."""
    return to_number(form["after"], 0)


async def _refused(
    chat_id: str, form: Form, failure: Failure, sentence: str | None = None
) -> Response:
    """Show the composer with the text, and one sentence that says why nothing was sent.

    A visitor who is not a member gets the page without a form: only their text, to copy.
    """
    member: Membership | None = None
    with suppress(NotAMemberError):
        member = await find_membership(chat_id)
    if member is None:
        sentence = current_services().language.gettext(GONE)
    problem = sentence or current_services().language.gettext(failure.sentence)
    draft = Draft.kept(form["text"], several=bool(form["several"]), problem=problem)
    return await _answer(member, form, draft, failure.status)


async def _answer(
    member: Membership | None, form: Form, draft: Draft, status: int = 200
) -> Response:
    """Show the page that the text was typed on, with the draft in its composer."""
    if member is not None and form["view"] == "plain":
        span = Span(min(_seen(form), member.chat.last_seq), back_to=_every(form))
        return await plain_page(member, draft, status, span)
    return _composer_page(member, draft, status)


def _composer_page(member: Membership | None, draft: Draft, status: int = 200) -> Response:
    if member is not None and member.chat.is_open and draft == Draft(several=draft.several):
        empty = current_services().composers_by_language[g.language]
        token = member.composer_token()
        return html(empty.render(member.chat_id, token, several=draft.several), status)
    return page("composer.html", status, member=member, draft=draft, seen=None)
