"""The rooms: what there is, how many are there, and the way in."""

from __future__ import annotations

from dataclasses import dataclass

from quart import Blueprint, Response

from server.core.errors import RateLimitedError, VisitorError
from server.core.ids import Secret
from server.core.room.public import PublicRoom, RoomClass
from server.locales.language import Language, mark
from server.store.contract.rooms import ListedRoom
from server.web.edge import error_pages
from server.web.edge.cookies import visitor
from server.web.edge.first_visit import first_token, is_first, with_session
from server.web.edge.forms import read_form
from server.web.edge.responses import page, see_other
from server.web.feeds.chat_labels import place_names
from server.web.render.operator_text import Wording, wording
from server.web.services import current_services

rooms = Blueprint("rooms", __name__, url_prefix="/rooms")

JOIN = "join"
INVITE = "invite"

CLASSES = {RoomClass.GENERAL: mark("Open room"), RoomClass.SUPPORT: mark("Support room")}


@dataclass(frozen=True, slots=True)
class Card:
    """One room on the list, in the language of the page."""

    name: str
    title: Wording | None
    topic: Wording | None
    rules: Wording | None
    kind: str
    slow: str
    """How slow it is, where it is."""

    people: str
    token: str


@rooms.get("")
async def listing() -> Response:
    """Every public room, with its rules beside its button; and the way into private ones."""
    return await rooms_page()


@rooms.post("/<name>/join")
async def join(name: str) -> Response:
    """Come in, or come back to the seat that one has."""
    form = await read_form()
    if not is_first(form["token"], JOIN, name):
        return error_pages.failure_page(error_pages.FOREIGN_FORM)

    async def enter(secret: Secret) -> Response:
        return see_other(f"/chat/{await current_services().store.join(secret, name)}")

    try:
        return await with_session(enter)
    except RateLimitedError as error:
        return error_pages.error_page(error_pages.failure_of(error).status, problem_of(error))


async def rooms_page(status: int = 200, problem: str = "", code: str = "") -> Response:
    """The rooms; with an invitation that was not accepted, and why."""
    services = current_services()
    own, names = await services.store.my_chats(visitor()), place_names(services)
    listed = await services.store.list_rooms(visitor())
    return page(
        "rooms.html",
        status,
        rooms=[_card(services.rooms[room.name], room, services.language) for room in listed],
        mine=[(place.chat_id, names.of(place)) for place in own],
        token=first_token(INVITE),
        problem=problem,
        code=code,
    )


def problem_of(error: VisitorError) -> str:
    """Why somebody was not let in, in the language of the page."""
    if not isinstance(error, RateLimitedError):
        return error_pages.sentence_of(error)
    language = current_services().language
    return language.ngettext(
        "That was too fast. Wait %(num)s second, then try again.",
        "That was too fast. Wait %(num)s seconds, then try again.",
        error.retry_after_s,
    ) % {"num": language.number(error.retry_after_s)}


def _card(public: PublicRoom, room: ListedRoom, language: Language) -> Card:
    return Card(
        name=public.name,
        title=wording(public.title, language),
        topic=wording(public.topic, language),
        rules=wording(public.rules, language),
        kind=language.gettext(CLASSES[public.room_class]),
        slow=_slow(public.slow_s, language),
        people=_people(room.people, language),
        token=first_token(JOIN, public.name),
    )


def _slow(slow_s: int, language: Language) -> str:
    if not slow_s:
        return ""
    return language.ngettext(
        "slow: one message per person every %(num)s second",
        "slow: one message per person every %(num)s seconds",
        slow_s,
    ) % {"num": language.number(slow_s)}


def _people(people: int, language: Language) -> str:
    if not people:
        return language.gettext("nobody now")
    told = language.ngettext("up to about %(num)s person", "up to about %(num)s people", people)
    return told % {"num": language.number(people)}
