"""Writing: the composer in the lower frame, and the single endpoint for messages.

A browser puts the caret in front of a text that a page has put into a field. So a text that was not
sent stands in a field of its own, which is not focused, and an empty one below it takes what is
typed next. Both are sent as one message, the older words first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from quart import Blueprint, Response, g, request

from server.core.errors import LooksPersonalError, RateLimitedError, RepeatedError, VisitorError
from server.core.ids import ChatId, Secret
from server.core.nudge.kind import PersonalKind
from server.locales.language import mark
from server.web.edge import error_pages
from server.web.edge.cookies import visitor
from server.web.edge.error_pages import Failure, refusal_for, refusal_of
from server.web.edge.forms import BodyTooLargeError, Form, read_form
from server.web.edge.query_params import to_number
from server.web.edge.responses import html, page, see_other
from server.web.form_pages import NOWHERE, form_page
from server.web.membership import Membership, find_membership
from server.web.nudge import ASKED, read_asked, write_asked
from server.web.refusals import Refusal, current_refusal, refuse
from server.web.services import current_services
from server.web.views.plain import EVERY_S, TEXT, Span, kept_draft, plain_page

GONE = Failure(
    404,
    "gone",
    mark("Nothing was sent: you are no longer in this conversation. You can copy your text below."),
)

composer = Blueprint("composer", __name__, url_prefix="/chat/<chat_id>")


@composer.get("/composer")
async def empty(chat_id: str) -> Response:
    """Show the composer, maybe with a kept text."""
    return _composer_page(await find_membership(chat_id), several=g.settings.several_lines)


@composer.post("/messages")
async def post(chat_id: str) -> Response:
    """Send a message; every refusal leads back to a composer with the text."""
    try:
        form = await read_form()
    except BodyTooLargeError:
        return await _refused(chat_id, _unread_form(), refusal_for(error_pages.BODY_TOO_LARGE))
    services, secret = current_services(), visitor()
    handle = None if secret is None else secret.handle
    token = services.tokens.read_composer(form["token"], handle, ChatId(chat_id))
    if secret is None or token is None:
        return await _refused(chat_id, form, refusal_for(error_pages.FOREIGN_FORM))
    try:
        if "more" in form:
            return await _switch(secret, chat_id, form)
        if "to" in form:
            return await _address(chat_id, form)
        await services.store.post(
            secret, ChatId(chat_id), _typed(form), token, read_asked(form[ASKED])
        )
    except VisitorError as error:
        found = error.kinds if isinstance(error, LooksPersonalError) else ()
        return await _refused(chat_id, form, _why_not_sent(error), found)
    return see_other(_path_after_post(chat_id, form))


def _why_not_sent(error: VisitorError) -> Refusal:
    """Return why a message was not sent; the sentence for other forms does not speak of one."""
    refusal = refusal_of(error)
    if not isinstance(error, RateLimitedError) or isinstance(error, RepeatedError):
        return refusal
    language = current_services().language
    sentence = language.ngettext(
        "Not sent yet: that was too fast. Wait %(num)s second, then press Send again.",
        "Not sent yet: that was too fast. Wait %(num)s seconds, then press Send again.",
        error.retry_after_s,
    ) % {"num": language.number(error.retry_after_s)}
    return replace(refusal, sentence=sentence)


def _typed(form: Form) -> str:
    """Return the whole text: what was kept of an earlier try, then what was typed below it."""
    kept, more = form["text"], form["more_text"]
    if not kept.strip() or not more.strip():
        return more if more.strip() else kept
    return f"{kept.rstrip()}{chr(10) if form['several'] or chr(10) in kept else ' '}{more}"


async def _switch(secret: Secret, chat_id: str, form: Form) -> Response:
    """Change the field between one line and several, with the same text. Nothing is sent.

    The session knows which of the two it has: a parameter of the URL would add an entry to the
    history of the frame.
    """
    store, several = current_services().store, form["more"] != "0"
    await store.chat_label(secret, ChatId(chat_id))
    await store.set_several_lines(secret, several_lines=several)
    if not _typed(form).strip():
        return see_other(f"{_composer_path(chat_id, form)}#m")
    return await _keep(chat_id, form, Refusal("", 200, ""), several=several)


async def _address(chat_id: str, form: Form) -> Response:
    """Put a mention in front of the text, or take one away that stands alone. Nothing is sent."""
    mentions, text = (await find_membership(chat_id)).mentions, _typed(form).strip()
    mention = mentions.get(to_number(form["to"], 0))
    if mention is not None:
        text = "" if text == mention else f"{mention} {text.removeprefix(mention).strip()}".strip()
    several = bool(form["several"])
    return await _keep(chat_id, form, Refusal("", 200, ""), text=text, several=several)


def _composer_path(chat_id: str, form: Form) -> str:
    """Return the path of the page that the form came from."""
    if form["view"] != "plain":
        return f"/chat/{chat_id}/composer"
    back = f"&write={every}" if (every := _every(form)) else ""
    return f"/chat/{chat_id}/plain?after={_seen(form)}{back}"


def _path_after_post(chat_id: str, form: Form) -> str:
    """Return the page to redirect to; its fragment puts the focus into the field again."""
    if form["view"] == "plain":
        every = _every(form)
        reload_query = f"&every={every}" if every else ""
        return f"/chat/{chat_id}/plain?after={_seen(form)}{reload_query}#new"
    return f"{_composer_path(chat_id, form)}#m"


def _every(form: Form) -> int:
    """Return the reload interval in seconds of the page that the form leads back to; 0 if none."""
    every = to_number(form["every"], 0)
    return every if every in EVERY_S else 0


def _seen(form: Form) -> int:
    """Return the newest entry on the plain page that contained this form."""
    return to_number(form["after"], 0)


def _unread_form() -> Form:
    """Return what is known of a form that was too large to be read: the page it came from."""
    came_from = request.headers.get("referer", "").partition("?")[0]
    return Form([("view", "plain")] if came_from.endswith("/plain") else [])


async def _refused(
    chat_id: str, form: Form, refusal: Refusal, found: Sequence[PersonalKind] = ()
) -> Response:
    """Lead back to the composer with the text, and one sentence that says why nothing was sent.

    A visitor who is not a member is led to a page without a form: only their text, to copy.

    Args:
        chat_id: the conversation.
        form: what was sent.
        refusal: why it was refused.
        found: what the visitor is asked about; see `web/nudge.py`.
    """
    if await form_page() == NOWHERE:
        return await _nowhere(form, refusal)
    several = bool(form["several"])
    return await _keep(chat_id, form, refusal, several=several, found=found)


async def _nowhere(form: Form, refusal: Refusal) -> Response:
    gone = replace(refusal_for(GONE), at=TEXT, form=Form([(TEXT, _typed(form))]))

    async def show() -> Response:
        # Without a session there may have been no conversation: the status is that of the form.
        g.refusal = replace(gone, code=refusal.code, status=refusal.status)
        return _composer_page(None, several=False)

    return await refuse(NOWHERE, gone, show)


async def _keep(
    chat_id: str,
    form: Form,
    refusal: Refusal,
    *,
    several: bool,
    text: str | None = None,
    found: Sequence[PersonalKind] = (),
) -> Response:
    """Lead to the page that the text was typed on, with that text, or another, in its composer."""
    pairs = [(TEXT, _typed(form) if text is None else text)]
    if asked := read_asked(form[ASKED]).union(found):
        pairs.append((ASKED, write_asked(asked)))
    kept = replace(refusal, at=TEXT, form=Form(pairs))

    async def show() -> Response:
        member = await find_membership(chat_id)
        if form["view"] != "plain":
            return _composer_page(member, several=several)
        seen = max(min(_seen(form), member.chat.last_seq), member.chat.joined_seq)
        span = Span(seen, back_to=_every(form))
        return await plain_page(member, kept_draft(several=several), 200, span)

    return await refuse(_composer_path(chat_id, form), kept, show, "#m")


def _composer_page(member: Membership | None, *, several: bool) -> Response:
    refusal = current_refusal()
    if member is not None and member.chat.is_open and refusal is None:
        ready = current_services().composers_by_language[g.language]
        token, writers = member.composer_token(), member.writer_buttons()
        return html(ready.render(member.chat_id, token, writers, several=several))
    return page("composer.html", member=member, draft=kept_draft(several=several), seen=None)
