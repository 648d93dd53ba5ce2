"""The door: what this is, and the form that begins everything."""

from __future__ import annotations

from quart import Blueprint, Response

from server.core.errors import HouseFullError
from server.core.ids import Secret
from server.core.wish import Intent, Wish
from server.store.base import Waiting
from server.web import failures
from server.web.answers import page, see_other
from server.web.cookies import set_cookie, visitor, was_refused
from server.web.forms import Form, read_form
from server.web.language import Language
from server.web.services import services

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
        token=_token(secret),
        stands=stands,
        cookie_refused=was_refused(),
        others=_others(),
    )


@door.get("/pair")
async def pair() -> Response:
    """The long form: the same three wishes, with what each means."""
    return page("pair.html", token=_token(visitor()), chosen=Intent.ANY.value, problem=None)


@door.post("/pair")
async def ask() -> Response:
    """Match, or begin to wait; the first accepted post makes the session."""
    house, secret, form = services(), visitor(), await read_form()
    if not _is_ours(form["token"], secret):
        return _again(secret, form, failures.FOREIGN_FORM)
    try:
        wish = Wish(Intent(form["intent"]))
    except ValueError:
        return _again(secret, form, failures.BAD_CHOICE)
    is_new = secret is None or not await house.store.knows(secret)
    if secret is None or is_new:
        secret = await house.store.open_session()
        await house.store.speak(secret, house.language.code)
    try:
        stands = await house.store.ask(secret, wish)
    except HouseFullError:
        if is_new:
            await house.store.forget(secret)
        raise
    response = see_other(f"/chat/{stands.chat_id}" if stands.chat_id else "/wait")
    if is_new:
        set_cookie(response, secret)
    return response


@door.post("/language")
async def choose_language() -> Response:
    """Remember a language for the session; before there is one, carry it in the URL."""
    house, secret, form = services(), visitor(), await read_form()
    code = form["lang"]
    if code not in house.books:
        return failures.failure_page(failures.NO_SUCH_LANGUAGE)
    if secret is None or not await house.store.knows(secret):
        return see_other(f"/?lang={code}")
    await house.store.speak(secret, code)
    return see_other("/")


def _others() -> list[Language]:
    """Every language but that of the page."""
    house = services()
    return [book.language for book in house.books.values() if book.language != house.language]


def _token(secret: Secret | None) -> str:
    tokens = services().tokens
    return tokens.door(FORM) if secret is None else tokens.form(secret.handle, FORM)


def _is_ours(token: str, secret: Secret | None) -> bool:
    """Whether the form came from here; one shown before the session began is good for an hour."""
    tokens = services().tokens
    handle = None if secret is None else secret.handle
    return tokens.is_form(token, handle, FORM) or tokens.is_door(token, FORM)


def _again(secret: Secret | None, form: Form, failure: failures.Failure) -> Response:
    """The long form again, with what was chosen, and why."""
    return page(
        "pair.html",
        failure.status,
        token=_token(secret),
        chosen=form["intent"],
        problem=services().language.gettext(failure.sentence),
    )
