"""The door, which is the start page: what the service is, and the forms that request a match."""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, Response, g

from server.core.errors import CooldownError, VisitorError
from server.core.ids import Secret
from server.core.limits import MAX_CHOICES, MAX_LIMITS
from server.core.matching.preferences import Intent
from server.core.session.parting import Parting
from server.locales.language import mark
from server.store.contract.matching import MatchState
from server.web.edge import error_pages
from server.web.edge.cookies import visitor
from server.web.edge.error_pages import Failure
from server.web.edge.first_visit import first_form_token, is_first_form_valid, with_session
from server.web.edge.forms import Form, read_form
from server.web.edge.match_form import (
    NAMES,
    ContradictionError,
    TooManyChoicesError,
    TooManyLimitsError,
    read_preferences,
)
from server.web.edge.responses import page, see_other
from server.web.refusals import current_refusal, refuse
from server.web.render.operator_text import OperatorText, text_in_language, texts_in_language
from server.web.render.rough import people_here
from server.web.services import current_services
from server.web.views.cooldown import refuse_match
from server.web.views.drawing import match_or_wait

door = Blueprint("door", __name__)

FORM, PATH = "pair", "/pair"

CHOICE_FAILURES: Mapping[type[Exception], tuple[Failure, str]] = {
    ValueError: (error_pages.BAD_CHOICE, "intent"),
    TooManyChoicesError: (error_pages.TOO_MANY_CHOICES, ""),
    TooManyLimitsError: (error_pages.TOO_MANY_LIMITS, "limits"),
    ContradictionError: (error_pages.CONTRADICTION, "limits"),
}
"""Why preferences were refused, and the field that it is about."""

PARTINGS = {
    Parting.LEFT: mark(
        "You have left the conversation, and this server has forgotten your place in it. What you"
        " wrote there is deleted when the last person leaves."
    ),
    Parting.DISPLACED: mark(
        "You no longer wait: too many windows that share your connection to this server were"
        " waiting at once."
    ),
}
"""What the home page says once about what has just ended."""


@door.get("/")
async def index() -> Response:
    """Show what the service is in three sentences, and the short form."""
    services, secret = current_services(), visitor()
    house = services.house
    parting = None
    state = MatchState(is_waiting=False, chat_id=None)
    if secret is not None and g.is_known:
        state = await services.store.match_state(secret)
        parting = await services.store.take_parting(secret)
    return page(
        "door.html",
        token=first_form_token(FORM),
        stands=state,
        parting=services.language.gettext(PARTINGS[parting]) if parting else "",
        has_rooms=any(not chat.other for chat in await services.store.list_chats(secret)),
        others=services.other_languages,
        house={
            "title": text_in_language(house.title, services.language),
            "welcome": text_in_language(house.welcome, services.language),
            "contact": text_in_language(house.contact, services.language),
        },
        own_rules=text_in_language(house.rules, services.language),
        people_come_in_h=services.people_come_in_h,
        people_here=people_here(await services.store.people_here(), services.language),
    )


@door.get("/pair")
async def pair() -> Response:
    """Show the long form: intent, topics, languages and limits."""
    return await _long_form()


@door.post("/pair")
async def ask() -> Response:
    """Match the visitor or put them in the queue; the first accepted post creates the session."""
    services, form = current_services(), await read_form()
    if not is_first_form_valid(form["token"], FORM):
        return await _refuse(form, error_pages.FOREIGN_FORM)
    try:
        preferences = read_preferences(form, services.topics, services.language.code)
    except tuple(CHOICE_FAILURES) as error:
        return await _refuse(form, *CHOICE_FAILURES[type(error)])

    async def request_match(secret: Secret) -> Response:
        try:
            state = await services.store.request_match(secret, preferences)
        except CooldownError as error:
            return await refuse_match(error)
        return await match_or_wait(secret, state)

    try:
        return await with_session(request_match)
    except VisitorError as error:
        if not g.is_known:
            raise
        return await refuse(PATH, error_pages.refusal_of(error, form), _long_form)


async def _refuse(form: Form, failure: Failure, at: str = "") -> Response:
    return await refuse(PATH, error_pages.refusal_for(failure, form, at), _long_form)


@door.post("/language")
async def choose_language() -> Response:
    """Store a language in the session; without a session, pass it on in the URL."""
    # The form first: while its body comes, the secret may be renewed.
    services, form, secret = current_services(), await read_form(), visitor()
    code = form["lang"]
    if code not in services.pages_by_language:
        return await error_pages.refuse_button(
            error_pages.refusal_for(error_pages.NO_SUCH_LANGUAGE)
        )
    if secret is None or not await services.store.is_known(secret):
        return see_other(f"/?lang={code}")
    await services.store.set_language(secret, code)
    return see_other("/")


async def _long_form() -> Response:
    """Show the long form; after a refusal with the visitor's choices."""
    services, refusal = current_services(), current_refusal()
    form = Form([("intent", Intent.ANY.value)]) if refusal is None else refusal.form
    return page(
        "pair.html",
        token=first_form_token(FORM),
        chosen=form,
        topics=texts_in_language(services.topics, services.language),
        languages={code: OperatorText(name, code) for code, name in NAMES.items()},
        own_rules=text_in_language(services.house.rules, services.language),
        most=MAX_CHOICES,
        most_limits=MAX_LIMITS,
    )
