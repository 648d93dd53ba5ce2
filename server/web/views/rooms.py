"""The list of public rooms with their head counts, and joining one."""

from __future__ import annotations

from dataclasses import dataclass

from quart import Blueprint, Response

from server.core.errors import VisitorError
from server.core.ids import Secret
from server.core.room.public import PublicRoom, RoomClass
from server.locales.language import Language, mark
from server.store.contract.rooms import ListedRoom
from server.web.edge.cookies import visitor
from server.web.edge.error_pages import FOREIGN_FORM, refusal_for, refusal_of
from server.web.edge.first_visit import first_form_token, is_first_form_valid, with_session
from server.web.edge.forms import Form, read_form
from server.web.edge.responses import page, see_other
from server.web.feeds.chat_labels import chat_namer
from server.web.refusals import current_refusal, refuse
from server.web.render.operator_text import OperatorText, text_in_language
from server.web.render.rough import people_in_room
from server.web.services import current_services

rooms = Blueprint("rooms", __name__, url_prefix="/rooms")

JOIN = "join"
INVITE = "invite"
ROOMS_PATH, CODE = "/rooms", "code"

CLASSES = {RoomClass.GENERAL: mark("Open room"), RoomClass.SUPPORT: mark("Support room")}


@dataclass(frozen=True, slots=True)
class Card:
    """One room on the list, in the language of the page."""

    name: str
    title: OperatorText | None
    topic: OperatorText | None
    rules: OperatorText | None
    kind: str
    slow: str
    """The sentence about slow mode; empty where the room has none."""

    people: str
    token: str


@rooms.get("")
async def listing() -> Response:
    """Show every public room with its rules and its button, and the form for private rooms."""
    return await rooms_page()


@rooms.post("/<name>/join")
async def join(name: str) -> Response:
    """Join a public room, or return to it as the member that the visitor already is."""
    form = await read_form()
    at = room_field(name)
    if not is_first_form_valid(form["token"], JOIN, name):
        return await refuse(ROOMS_PATH, refusal_for(FOREIGN_FORM, at=at), rooms_page)

    async def enter(secret: Secret) -> Response:
        return see_other(f"/chat/{await current_services().store.join_room(secret, name)}")

    try:
        return await with_session(enter)
    except VisitorError as error:
        return await refuse(ROOMS_PATH, refusal_of(error, Form([]), at), rooms_page)


def room_field(name: str) -> str:
    """Return what the refusal of a room's button speaks of; the page, if there is no such room."""
    return f"join {name}" if name in current_services().rooms else ""


async def rooms_page() -> Response:
    """Show the rooms; after a refusal with the code that was not accepted."""
    refusal = current_refusal()
    services = current_services()
    my_chats, names = await services.store.list_chats(visitor()), chat_namer(services)
    listed = await services.store.list_rooms(visitor())
    return page(
        "rooms.html",
        rooms=[_card(services.rooms[room.name], room, services.language) for room in listed],
        mine=[(chat.chat_id, names.of(chat)) for chat in my_chats],
        own_rules=text_in_language(services.house.rules, services.language),
        token=first_form_token(INVITE),
        code="" if refusal is None else refusal.form[CODE],
    )


def _card(public: PublicRoom, room: ListedRoom, language: Language) -> Card:
    return Card(
        name=public.name,
        title=text_in_language(public.title, language),
        topic=text_in_language(public.topic, language),
        rules=text_in_language(public.rules, language),
        kind=language.gettext(CLASSES[public.room_class]),
        slow=_slow(public.slow_s, language),
        people=people_in_room(room.blurred_head_count, language),
        token=first_form_token(JOIN, public.name),
    )


def _slow(slow_s: int, language: Language) -> str:
    if not slow_s:
        return ""
    return language.ngettext(
        "slow: one message per person every %(num)s second",
        "slow: one message per person every %(num)s seconds",
        slow_s,
    ) % {"num": language.number(slow_s)}
