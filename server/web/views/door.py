"""The door: what this is, and the form that begins everything."""

from __future__ import annotations

from quart import Blueprint, Response

from server.core.errors import RestError
from server.core.ids import Secret
from server.core.limits import MAX_CHOICES
from server.core.matching.preferences import Intent
from server.locales.language import Language
from server.store.contract.matching import Waiting
from server.web.edge import error_pages
from server.web.edge.cookies import visitor
from server.web.edge.first_visit import first_token, is_first, with_session
from server.web.edge.forms import Form, read_form
from server.web.edge.match_form import NAMES, TooManyChoicesError, read_wish
from server.web.edge.responses import page, see_other, way_of
from server.web.render.operator_text import Wording, wordings
from server.web.services import services
from server.web.views.cooldown import rest_page

door = Blueprint("door", __name__)

FORM = "pair"


@door.get("/")
async def index() -> Response:
    """What this is in three sentences, and the short form."""
    house, secret = services(), visitor()
    stands = Waiting(waits=False, chat_id=None)
    if secret is not None and await house.store.knows(secret):
        stands = await house.store.waiting(secret)
    return page(
        "door.html",
        token=first_token(FORM),
        stands=stands,
        has_rooms=any(not place.other for place in await house.store.my_places(secret)),
        others=_others(),
        people_come_in_h=house.people_come_in_h,
    )


@door.get("/pair")
async def pair() -> Response:
    """The long form: what for, about what, in which languages, and what not."""
    return _long_form(Form([("intent", Intent.ANY.value)]))


@door.post("/pair")
async def ask() -> Response:
    """Match, or begin to wait; the first accepted post makes the session."""
    house, form = services(), await read_form()
    if not is_first(form["token"], FORM):
        return _long_form(form, error_pages.FOREIGN_FORM)
    try:
        wish = read_wish(form, house.topics, house.language.code)
    except ValueError:
        return _long_form(form, error_pages.BAD_CHOICE)
    except TooManyChoicesError:
        return _long_form(form, error_pages.TOO_MANY_CHOICES)

    async def find(secret: Secret) -> Response:
        try:
            stands = await house.store.ask(secret, wish)
        except RestError as error:
            return rest_page(error, secret)
        return see_other(way_of(stands, "/wait"))

    return await with_session(find)


@door.post("/language")
async def choose_language() -> Response:
    """Remember a language for the session; before there is one, carry it in the URL."""
    house, secret, form = services(), visitor(), await read_form()
    code = form["lang"]
    if code not in house.books:
        return error_pages.failure_page(error_pages.NO_SUCH_LANGUAGE)
    if secret is None or not await house.store.knows(secret):
        return see_other(f"/?lang={code}")
    await house.store.speak(secret, code)
    return see_other("/")


def _others() -> list[Language]:
    """Every language but that of the page."""
    house = services()
    return [book.language for book in house.books.values() if book.language != house.language]


def _long_form(form: Form, failure: error_pages.Failure | None = None) -> Response:
    """The long form with what was chosen; and why it comes back, if it does."""
    house = services()
    return page(
        "pair.html",
        failure.status if failure else 200,
        token=first_token(FORM),
        chosen=form,
        topics=wordings(house.topics, house.language),
        languages={code: Wording(name, code) for code, name in NAMES.items()},
        most=MAX_CHOICES,
        problem=house.language.gettext(failure.sentence) if failure else None,
    )
