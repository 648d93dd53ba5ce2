"""Error pages: maps each error type to a status, a code and a sentence.

An unexpected exception becomes one static page and is counted by the name of its type. Its text
may hold what a visitor typed, so it reaches no log and no page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from quart import Response, g, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from server.core.errors import (
    BadCursorError,
    ChatClosedError,
    CodeEmptyError,
    CooldownError,
    FirstCooldownError,
    InvitationUnknownError,
    KeyLostError,
    LooksPersonalError,
    MemberUnknownError,
    MessageEmptyError,
    MessageTooLongError,
    MessageUnknownError,
    NoSideChatsError,
    NotAdmittedError,
    NotAMemberError,
    NothingBeginsError,
    NotOpenerError,
    RateLimitedError,
    RepeatedError,
    RoomClosedError,
    RoomFullError,
    RoomLockedError,
    RoomUnknownError,
    ServerFullError,
    SessionUnknownError,
    TitleUnfitError,
    TokenSpentError,
    TooManyCodesError,
    TooManyLinesError,
    TooManyRoomsError,
    TooManySideChatsError,
    VisitorError,
)
from server.core.ids import ChatId
from server.core.limits import MAX_LINE_ENDS, MAX_MESSAGE_BYTES, MAX_MESSAGE_CHARS
from server.core.session.departure import Departure
from server.locales.language import Language, mark
from server.web.dull_page import dull_page, is_conversation
from server.web.form_pages import NOWHERE, form_page
from server.web.nudge import question
from server.web.refusals import Refusal, refuse
from server.web.restarted_page import restarted_page, was_forgotten_at_start
from server.web.services import current_services

from . import headers
from .cookies import visitor, was_cookie_refused
from .forms import BodyTooLargeError, ForeignFormError, Form
from .gateways import GatewayError
from .responses import page


@dataclass(frozen=True, slots=True)
class Failure:
    """Status, code and sentence for one kind of failure."""

    status: int
    code: str
    """Names the kind on the page, in `data-problem`: stable, and the same in every language."""

    sentence: str


FOREIGN_FORM = Failure(
    403,
    "foreign-form",
    mark("This form is no longer valid, so nothing was sent. Please send it again."),
)
FOREIGN_BUTTON = Failure(
    403,
    "foreign-form",
    mark("Nothing was done: the page with this button was too old. Please press it again."),
)
NO_SESSION = Failure(
    403,
    "foreign-form",
    mark(
        "Nothing was done: you have no session here, or it has ended. A session ends after a long"
        " silence, and when this server is started again. You can begin again on the home page."
    ),
)
BODY_TOO_LARGE = Failure(
    413, "too-long", mark("What you sent is too long. Please send something shorter.")
)
BAD_CHOICE = Failure(400, "bad-choice", mark("Please choose one of the three."))
TOO_MANY_CHOICES = Failure(
    400, "too-many-choices", mark("Please choose at most four of each kind.")
)
TOO_MANY_LIMITS = Failure(
    400,
    "too-many-limits",
    mark("Please choose at most two topics that you do not want to talk about."),
)
CONTRADICTION = Failure(
    400,
    "contradiction",
    mark(
        "You chose the same topic in both lists: to talk about, and not to talk about. Please take"
        " it out of one of them."
    ),
)
NO_SUCH_LANGUAGE = Failure(400, "unknown-language", mark("This language is not available here."))
NO_SUCH_ACTION = Failure(404, "unknown-action", mark("Nothing was done: there is no such button."))
NOT_FOUND = Failure(404, "gone", mark("This page does not exist, or it no longer exists."))
GONE = Failure(404, "gone", mark("Nothing was done: you are not in this conversation."))
NOT_ALLOWED = Failure(405, "not-allowed", mark("This page cannot be used that way."))
TOO_MANY_DOWNLOADS = Failure(
    503,
    "full",
    mark(
        "The source is being sent to others, or to you already. Please try again in a few minutes."
    ),
)
BY_GATEWAY = 403
BROKEN = Failure(
    500,
    "broken",
    mark("Something went wrong on this server. Nothing you sent was written to a log."),
)

FAILURES: dict[type[VisitorError], Failure] = {
    SessionUnknownError: NOT_FOUND,
    NotAMemberError: NOT_FOUND,
    MessageEmptyError: Failure(400, "empty", mark("Nothing was sent: the message is empty.")),
    MessageTooLongError: Failure(
        413,
        "too-long",
        mark(
            "Nothing was sent: the message is too long. The limit is %(chars)s characters or"
            " %(bytes)s bytes."
        ),
    ),
    TooManyLinesError: Failure(413, "too-many-lines", ""),
    ChatClosedError: Failure(
        410, "closed", mark("Nothing was sent: the other person has left. Your text is still here.")
    ),
    KeyLostError: Failure(
        410,
        "key-lost",
        mark(
            "Nothing was sent: your key to this conversation no longer works. Please leave the"
            " conversation. Your text is still here."
        ),
    ),
    LooksPersonalError: Failure(409, "personal", ""),
    TokenSpentError: Failure(
        403,
        "used-form",
        mark("This form was already used, so nothing was sent. Your text is still here."),
    ),
    RateLimitedError: Failure(429, "too-fast", ""),
    RepeatedError: Failure(429, "repeated", ""),
    CooldownError: Failure(429, "pause", ""),
    FirstCooldownError: Failure(429, "first-pause", ""),
    TooManyCodesError: Failure(
        409,
        "too-many-codes",
        mark("You already have eight codes for meeting again. You cannot have more."),
    ),
    NoSideChatsError: Failure(403, "no-private-talks", mark("This room has no private talks.")),
    TooManySideChatsError: Failure(
        409,
        "too-many-private-talks",
        mark("One of you has reached the limit of private talks, and must leave one first."),
    ),
    BadCursorError: Failure(
        400, "bad-place", mark("That place in the conversation does not exist.")
    ),
    RoomClosedError: Failure(
        410, "closed", mark("Nothing was sent: the room is closed. Your text is still here.")
    ),
    RoomLockedError: Failure(
        409, "locked", mark("The room is locked: nobody can enter now. Your code stays valid.")
    ),
    NotOpenerError: Failure(403, "not-host", mark("Only the host of the room can do that.")),
    TitleUnfitError: Failure(
        400, "bad-title", mark("Please give the room a title of 1 to 60 characters.")
    ),
    CodeEmptyError: Failure(
        404, "empty", mark("Please enter a code: its four words, or its 16 digits.")
    ),
    InvitationUnknownError: Failure(
        404,
        "wrong-code",
        mark(
            "This code does not work: it is mistyped, used up or expired. If you pressed the button"
            " twice, wait a minute, then press it once."
        ),
    ),
    MessageUnknownError: Failure(
        404, "gone", mark("Nothing was done: this message is no longer kept, or is not yours.")
    ),
    MemberUnknownError: Failure(
        404, "gone", mark("Nothing was done: this person is no longer here.")
    ),
    RoomUnknownError: Failure(404, "gone", mark("There is no such room here.")),
    RoomFullError: Failure(
        503, "full", mark("This room is full now. Please try again in a few minutes.")
    ),
    TooManyRoomsError: Failure(
        409,
        "too-many-rooms",
        mark(
            "You can be in four rooms at most. A room at which you knock also counts. Leave"
            " one, then try again."
        ),
    ),
    NotAdmittedError: Failure(503, "closed", mark("Nobody new can come in now.")),
    NothingBeginsError: Failure(
        503,
        "restart",
        mark("Not now: this server restarts soon, and until then nothing new begins."),
    ),
    ServerFullError: Failure(
        503, "full", mark("This server is full now. Please try again in a few minutes.")
    ),
}
"""Every `VisitorError` that a view can meet; a test walks the tree to see that none is missing."""

WITHOUT_MESSAGE: dict[type[VisitorError], str] = {
    ChatClosedError: mark("That is no longer possible: the other person has left."),
    RoomClosedError: mark("That is no longer possible: the room is closed."),
}
"""Sentences for the same errors where the visitor was not sending a message."""

HTTP: dict[int, Failure] = {
    404: NOT_FOUND,
    405: NOT_ALLOWED,
    408: Failure(408, "too-slow", mark("The form did not arrive in time. Please send it again.")),
    BROKEN.status: BROKEN,
}
"""Failures for the statuses that the framework itself produces."""


FRAMED = frozenset({"chat.live", "chat.moved", "chat.here", "composer.empty"})
"""Endpoints of what stands in a frame: a page there has no links of its own beside its sentence."""


def failure_of(error: VisitorError) -> Failure:
    """Return the status and sentence for this error."""
    return FAILURES[type(error)]


def sentence_of(error: VisitorError) -> str:
    """Return the sentence for this error in the language of the page."""
    language = current_services().language
    if isinstance(error, RepeatedError):
        return language.ngettext(
            "Nothing was sent: you sent the same text too often. Wait %(num)s second, or use other"
            " words.",
            "Nothing was sent: you sent the same text too often. Wait %(num)s seconds, or use"
            " other words.",
            error.retry_after_s,
        ) % {"num": language.number(error.retry_after_s)}
    if isinstance(error, CooldownError):
        return cooldown_sentence(error, language)
    if isinstance(error, LooksPersonalError):
        return question(error, language)
    if isinstance(error, RateLimitedError):
        return language.ngettext(
            "That was too fast. Wait %(num)s second, then try again.",
            "That was too fast. Wait %(num)s seconds, then try again.",
            error.retry_after_s,
        ) % {"num": language.number(error.retry_after_s)}
    if isinstance(error, TooManyLinesError):
        return language.ngettext(
            "Nothing was sent: the message has %(num)s line break too many. The limit is"
            " %(lines)s. Your text is still here.",
            "Nothing was sent: the message has %(num)s line breaks too many. The limit is"
            " %(lines)s. Your text is still here.",
            error.over_lines,
        ) % {"num": language.number(error.over_lines), "lines": language.number(MAX_LINE_ENDS)}
    most = {
        "chars": language.number(MAX_MESSAGE_CHARS),
        "bytes": language.number(MAX_MESSAGE_BYTES),
    }
    if isinstance(error, MessageTooLongError) and error.over_chars:
        return language.ngettext(
            "Nothing was sent: the message is %(num)s character too long. The limit is %(chars)s."
            " Your text is still here.",
            "Nothing was sent: the message is %(num)s characters too long. The limit is %(chars)s."
            " Your text is still here.",
            error.over_chars,
        ) % {"num": language.number(error.over_chars), **most}
    if isinstance(error, MessageTooLongError) and error.over_bytes:
        return language.ngettext(
            "Nothing was sent: the message is %(num)s byte too long. The limit is %(chars)s"
            " characters or %(bytes)s bytes. Your text is still here.",
            "Nothing was sent: the message is %(num)s bytes too long. The limit is %(chars)s"
            " characters or %(bytes)s bytes. Your text is still here.",
            error.over_bytes,
        ) % {"num": language.number(error.over_bytes), **most}
    return language.gettext(failure_of(error).sentence) % most


def cooldown_sentence(error: CooldownError, language: Language) -> str:
    """Return the sentence for a cooldown: calm, and without blame."""
    pause_s = math.ceil(error.pause_s)
    return language.ngettext(
        "You have met many people in a short time. Please wait: in %(num)s"
        " second you can press “Go on” to look for somebody again. Nothing is wrong.",
        "You have met many people in a short time. Please wait: in %(num)s"
        " seconds you can press “Go on” to look for somebody again. Nothing is wrong.",
        pause_s,
    ) % {"num": language.number(pause_s)}


def failure_page(failure: Failure) -> Response:
    """Build a page with one sentence and a link back to the start page."""
    return error_page(failure.status, current_services().language.gettext(failure.sentence))


def error_page(status: int, sentence: str, code: str = "") -> Response:
    """Build a page with this sentence, which is already in the visitor's language.

    Args:
        status: its status.
        sentence: why it is not the page that was asked for.
        code: the kind of problem, if it answers a form.
    """
    g.refusal = None
    # A visitor who is matched at once is redirected to a conversation instead of the waiting
    # page, so the notice about refused cookies has to appear here too.
    return page(
        "error.html",
        status,
        sentence=sentence,
        code=code,
        cookie_refused=was_cookie_refused(),
        framed=request.endpoint in FRAMED,
    )


def _page_of_nobody(status: int) -> Response | None:
    """Return the page at the URL of a conversation for a visitor without a session.

    After Panic, Back leads here. So does Reload after the server was started again.
    """
    if not is_conversation(request.path) or g.get("is_known", False) or was_cookie_refused():
        return None
    return restarted_page(status) if was_forgotten_at_start() else dull_page(status)


def refusal_of(error: VisitorError, form: Form | None = None, at: str = "") -> Refusal:
    """Return why a form was refused, in the language of the page.

    Args:
        error: the reason.
        form: what is to stand in the form again.
        at: the field that the sentence belongs to; see `Refusal`.
    """
    _count_if_full(error)
    failure = failure_of(error)
    wait_s = math.ceil(error.pause_s) if isinstance(error, CooldownError) else 0
    return Refusal(failure.code, failure.status, sentence_of(error), at, form or Form([]), wait_s)


def refusal_for(failure: Failure, form: Form | None = None, at: str = "") -> Refusal:
    """Return the same for a failure that is no error of the core."""
    sentence = current_services().language.gettext(failure.sentence)
    return Refusal(failure.code, failure.status, sentence, at, form or Form([]))


async def refuse_button(refusal: Refusal) -> Response:
    """Lead back to the page of a form in which nothing was typed that could be lost."""

    async def show() -> Response:
        return error_page(refusal.status, refusal.sentence, refusal.code)

    path = await form_page()
    if path == NOWHERE and g.is_known:
        refusal = refusal_for(GONE)
    return await refuse(path, refusal, show)


async def on_visitor_error(error: VisitorError) -> Response:
    """Answer a `VisitorError` that no view has handled; nothing was typed that could be lost."""
    _count_if_full(error)
    if (nobodys := _page_of_nobody(NOT_FOUND.status)) is not None:
        return nobodys
    special = WITHOUT_MESSAGE.get(type(error))
    sentence = current_services().language.gettext(special) if special else sentence_of(error)
    failure = failure_of(error)
    if request.method == "POST":
        return await refuse_button(Refusal(failure.code, failure.status, sentence))
    if isinstance(error, NotAMemberError) and (how := await _departure()) is not None:
        g.refusal = None
        return page("left.html", failure.status, how=how.value)
    return error_page(failure.status, sentence)


def _count_if_full(error: VisitorError) -> None:
    """Count somebody who was turned away for want of a place; the operator reads how many."""
    if isinstance(error, ServerFullError | RoomFullError):
        current_services().turned_away += 1


async def on_body_too_large(_error: BodyTooLargeError) -> Response:
    """Answer a form over the size limit, of which nothing can be kept."""
    return await refuse_button(refusal_for(BODY_TOO_LARGE))


async def on_foreign_form(_error: ForeignFormError) -> Response:
    """Answer a form with an invalid token in which nothing was typed that could be lost."""
    if (nobodys := _page_of_nobody(FOREIGN_BUTTON.status)) is not None:
        return nobodys
    return await refuse_button(refusal_for(FOREIGN_BUTTON if g.is_known else NO_SESSION))


async def _departure() -> Departure | None:
    """Return how the visitor left the conversation of this page a short while ago, if they did."""
    secret, chat_id = visitor(), (request.view_args or {}).get("chat_id", "")
    if secret is None or not g.is_known:
        return None
    return await current_services().store.departure(secret, ChatId(chat_id))


async def on_gateway(_error: GatewayError) -> Response:
    """Answer a request through a gateway: a page that names Tor Browser and has no links."""
    return page("gateway.html", BY_GATEWAY)


async def on_http_error(error: HTTPException) -> Response:
    """Answer what the framework refused: unknown route, wrong method, a form that timed out."""
    if isinstance(error, InternalServerError):
        # An exception in a hook after the view, or while another exception was answered.
        return _broken(error.original_exception or error)
    failure = HTTP.get(error.code or BROKEN.status, NOT_FOUND)
    nobodys = _page_of_nobody(NOT_FOUND.status)
    if nobodys is not None and failure in (NOT_FOUND, NOT_ALLOWED):
        return nobodys
    response = failure_page(failure)
    if isinstance(error, MethodNotAllowed):
        served = {"GET", "HEAD", "POST"}.intersection(error.valid_methods or ())
        response.headers["allow"] = ", ".join(sorted(served))
    return response


async def on_exception(error: Exception) -> Response:
    """Answer an unexpected exception in a view."""
    return _broken(error)


def _broken(error: BaseException) -> Response:
    """Count an unexpected exception by its type, and answer with the prerendered page."""
    services = current_services()
    services.failures[type(error).__name__] += 1
    return Response(
        services.broken_page, BROKEN.status, headers.NO_STORE, content_type=headers.HTML_TYPE
    )
