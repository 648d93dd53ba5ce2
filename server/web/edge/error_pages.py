"""Error pages: maps each error type to a status and a sentence.

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
    CooldownError,
    InvitationUnknownError,
    KeyLostError,
    MemberUnknownError,
    MessageEmptyError,
    MessageTooLongError,
    MessageUnknownError,
    NoSideChatsError,
    NotAMemberError,
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
from server.core.limits import MAX_LINE_ENDS, MAX_MESSAGE_BYTES, MAX_MESSAGE_CHARS
from server.locales.language import Language, mark
from server.web.dull_page import dull_page, is_conversation
from server.web.services import current_services

from . import headers
from .cookies import was_cookie_refused
from .forms import BodyTooLargeError, ForeignFormError
from .gateways import GatewayError
from .responses import page


@dataclass(frozen=True, slots=True)
class Failure:
    """Status and sentence for one kind of failure."""

    status: int
    sentence: str


FOREIGN_FORM = Failure(
    403, mark("This form is no longer valid, so nothing was sent. Please send it again.")
)
FOREIGN_BUTTON = Failure(
    403, mark("Nothing was done. Go back, reload the page, and press the button again.")
)
BODY_TOO_LARGE = Failure(413, mark("What you sent is too long. Please send something shorter."))
BAD_CHOICE = Failure(400, mark("Please choose one of the three."))
TOO_MANY_CHOICES = Failure(400, mark("Please choose at most four of each kind."))
TOO_MANY_LIMITS = Failure(
    400, mark("Please choose at most two topics that you do not want to talk about.")
)
CONTRADICTION = Failure(
    400,
    mark(
        "You chose the same topic in both lists: to talk about, and not to talk about. Please take"
        " it out of one of them."
    ),
)
NO_SUCH_LANGUAGE = Failure(400, mark("This language is not available here."))
NOT_FOUND = Failure(404, mark("This page does not exist, or it no longer exists."))
NOT_ALLOWED = Failure(405, mark("This page cannot be used that way."))
TOO_MANY_DOWNLOADS = Failure(
    503,
    mark(
        "The source is being sent to others, or to you already. Please try again in a few minutes."
    ),
)
BY_GATEWAY = 403
BROKEN = Failure(
    500, mark("Something went wrong on this server. Nothing you sent was written to a log.")
)

FAILURES: dict[type[VisitorError], Failure] = {
    SessionUnknownError: NOT_FOUND,
    NotAMemberError: NOT_FOUND,
    MessageEmptyError: Failure(400, mark("Nothing was sent: the message is empty.")),
    MessageTooLongError: Failure(
        413,
        mark(
            "Nothing was sent: the message is too long. The limit is %(chars)s characters or"
            " %(bytes)s bytes."
        ),
    ),
    TooManyLinesError: Failure(
        413,
        mark(
            "Nothing was sent: the message has too many lines. The limit is %(lines)s line breaks."
            " Your text is still here."
        ),
    ),
    ChatClosedError: Failure(
        410, mark("Nothing was sent: the other person has left. Your text is still here.")
    ),
    KeyLostError: Failure(
        410,
        mark(
            "Nothing was sent: your key to this conversation no longer works. Please leave the"
            " conversation. Your text is still here."
        ),
    ),
    TokenSpentError: Failure(
        403, mark("This form was already used, so nothing was sent. Your text is still here.")
    ),
    RateLimitedError: Failure(429, ""),
    RepeatedError: Failure(429, ""),
    CooldownError: Failure(429, ""),
    TooManyCodesError: Failure(
        409, mark("You already have eight codes for meeting again. You cannot have more.")
    ),
    NoSideChatsError: Failure(403, mark("This room has no private talks.")),
    TooManySideChatsError: Failure(
        409, mark("One of you has reached the limit of private talks, and must leave one first.")
    ),
    BadCursorError: Failure(400, mark("That place in the conversation does not exist.")),
    RoomClosedError: Failure(
        410, mark("Nothing was sent: the room is closed. Your text is still here.")
    ),
    RoomLockedError: Failure(
        409, mark("The room is locked: nobody can enter now. Your code stays valid.")
    ),
    NotOpenerError: Failure(403, mark("Only the host of the room can do that.")),
    TitleUnfitError: Failure(400, mark("Please give the room a title of 1 to 60 characters.")),
    InvitationUnknownError: Failure(
        404,
        mark(
            "This code does not work: it is mistyped, used up or expired. If you pressed the button"
            " twice, wait a minute, then press it once."
        ),
    ),
    MessageUnknownError: NOT_FOUND,
    MemberUnknownError: NOT_FOUND,
    RoomUnknownError: NOT_FOUND,
    RoomFullError: Failure(503, mark("This room is full now. Please try again in a few minutes.")),
    TooManyRoomsError: Failure(
        409,
        mark(
            "You can be in four rooms at most. A room at which you knock also counts. Leave"
            " one, then try again."
        ),
    ),
    ServerFullError: Failure(
        503, mark("This server is full now. Please try again in a few minutes.")
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
    408: Failure(408, mark("The form did not arrive in time. Please send it again.")),
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
    if isinstance(error, RateLimitedError):
        return language.ngettext(
            "Nothing was sent: you send too fast. Wait %(num)s second, then send again.",
            "Nothing was sent: you send too fast. Wait %(num)s seconds, then send again.",
            error.retry_after_s,
        ) % {"num": language.number(error.retry_after_s)}
    most = {
        "chars": MAX_MESSAGE_CHARS,
        "bytes": MAX_MESSAGE_BYTES,
        "lines": MAX_LINE_ENDS,
    }
    filled = {name: language.number(value) for name, value in most.items()}
    return language.gettext(failure_of(error).sentence) % filled


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


def error_page(status: int, sentence: str) -> Response:
    """Build a page with this sentence, which is already in the visitor's language."""
    # A visitor who is matched at once is redirected to a conversation instead of the waiting
    # page, so the notice about refused cookies has to appear here too.
    return page(
        "error.html",
        status,
        sentence=sentence,
        cookie_refused=was_cookie_refused(),
        framed=request.endpoint in FRAMED,
    )


def _shows_nothing() -> bool:
    """Whether this is the URL of a conversation, and the visitor has no session.

    After Panic, Back leads here. So does Reload after the server was restarted.
    """
    is_known = g.get("is_known", False)
    return is_conversation(request.path) and not is_known and not was_cookie_refused()


async def on_visitor_error(error: VisitorError) -> Response:
    """Answer a `VisitorError` that no view has handled; nothing was typed that could be lost."""
    if _shows_nothing():
        return dull_page(NOT_FOUND.status)
    special = WITHOUT_MESSAGE.get(type(error))
    sentence = current_services().language.gettext(special) if special else sentence_of(error)
    return error_page(failure_of(error).status, sentence)


async def on_body_too_large(_error: BodyTooLargeError) -> Response:
    """Answer a form over the size limit, on a page that keeps no typed text."""
    return failure_page(BODY_TOO_LARGE)


async def on_foreign_form(_error: ForeignFormError) -> Response:
    """Answer a form with an invalid token in which nothing was typed that could be lost."""
    if _shows_nothing():
        return dull_page(FOREIGN_BUTTON.status)
    return failure_page(FOREIGN_BUTTON)


async def on_gateway(_error: GatewayError) -> Response:
    """Answer a request through a gateway: a page that names Tor Browser and has no links."""
    return page("gateway.html", BY_GATEWAY)


async def on_http_error(error: HTTPException) -> Response:
    """Answer what the framework refused: unknown route, wrong method, a form that timed out."""
    if isinstance(error, InternalServerError):
        # An exception in a hook after the view, or while another exception was answered.
        return _broken(error.original_exception or error)
    failure = HTTP.get(error.code or BROKEN.status, NOT_FOUND)
    if _shows_nothing() and failure in (NOT_FOUND, NOT_ALLOWED):
        return dull_page(NOT_FOUND.status)
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
