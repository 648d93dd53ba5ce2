"""The door: what this is, and the form that begins everything."""

from __future__ import annotations

from quart import Blueprint, Response, g

from server.core.errors import CooldownError
from server.core.ids import Secret
from server.core.limits import MAX_CHOICES
from server.core.matching.preferences import Intent
from server.locales.language import Language
from server.store.contract.matching import MatchState
from server.web.edge import error_pages
from server.web.edge.cookies import visitor
from server.web.edge.first_visit import first_token, is_first, with_session
from server.web.edge.forms import Form, read_form
from server.web.edge.match_form import NAMES, TooManyChoicesError, read_preferences
from server.web.edge.responses import page, see_other, way_of
from server.web.render.operator_text import Wording, wordings
from server.web.services import current_services
from server.web.views.cooldown import cooldown_page

door = Blueprint("door", __name__)

FORM = "pair"


@door.get("/")
async def index() -> Response:
    """What this is in three sentences, and the short form."""
    services, secret = current_services(), visitor()
    stands = MatchState(waits=False, chat_id=None)
    if secret is not None and g.is_known:
        stands = await services.store.match_state(secret)
    return page(
        "door.html",
        token=first_token(FORM),
        stands=stands,
        has_rooms=any(not place.other for place in await services.store.my_chats(secret)),
        others=_others(),
        people_come_in_h=services.people_come_in_h,
    )


@door.get("/pair")
async def pair() -> Response:
    """The long form: what for, about what, in which languages, and what not."""
    return _long_form(Form([("intent", Intent.ANY.value)]))


@door.post("/pair")
async def ask() -> Response:
    """Match, or begin to wait; the first accepted post makes the session."""
    services, form = current_services(), await read_form()
    if not is_first(form["token"], FORM):
        return _long_form(form, error_pages.FOREIGN_FORM)
    try:
        preferences = read_preferences(form, services.topics, services.language.code)
    except ValueError:
        return _long_form(form, error_pages.BAD_CHOICE)
    except TooManyChoicesError:
        return _long_form(form, error_pages.TOO_MANY_CHOICES)

    async def find(secret: Secret) -> Response:
        try:
            stands = await services.store.request_match(secret, preferences)
        except CooldownError as error:
            return cooldown_page(error, secret)
        return see_other(way_of(stands, "/wait"))

    return await with_session(find)


@door.post("/language")
async def choose_language() -> Response:
    """Remember a language for the session; before there is one, carry it in the URL."""
    services, secret, form = current_services(), visitor(), await read_form()
    code = form["lang"]
    if code not in services.books:
        return error_pages.failure_page(error_pages.NO_SUCH_LANGUAGE)
    if secret is None or not await services.store.is_known(secret):
        return see_other(f"/?lang={code}")
    await services.store.set_language(secret, code)
    return see_other("/")


def _others() -> list[Language]:
    """Every language but that of the page."""
    services = current_services()
    return [book.language for book in services.books.values() if book.language != services.language]


def _long_form(form: Form, failure: error_pages.Failure | None = None) -> Response:
    """The long form with what was chosen; and why it comes back, if it does."""
    services = current_services()
    return page(
        "pair.html",
        failure.status if failure else 200,
        token=first_token(FORM),
        chosen=form,
        topics=wordings(services.topics, services.language),
        languages={code: Wording(name, code) for code, name in NAMES.items()},
        most=MAX_CHOICES,
        problem=services.language.gettext(failure.sentence) if failure else None,
    )
