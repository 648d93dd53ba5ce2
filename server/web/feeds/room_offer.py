"""A room to be in while one waits: where it is less lonely than on an empty page."""

from __future__ import annotations

from dataclasses import dataclass

from server.core.ids import Secret
from server.core.room.public import PublicRoom, RoomClass
from server.web.render.operator_text import OperatorText, text_in_language
from server.web.render.rough import people_in_room
from server.web.services import Services


@dataclass(frozen=True, slots=True)
class Offer:
    """One public room, and about how many people are in it."""

    title: OperatorText
    people: str


async def offered(services: Services, secret: Secret) -> Offer | None:
    """The first general room that has a title in the language of the page, else the first."""
    rooms = [room for room in services.rooms.values() if room.room_class is RoomClass.GENERAL]
    code = services.language.code
    chosen: PublicRoom | None = min(rooms, key=lambda room: code not in room.title, default=None)
    if chosen is None:
        return None
    title = text_in_language(chosen.title, services.language)
    if title is None:
        return None
    heads = {room.name: room.blurred_head_count for room in await services.store.list_rooms(secret)}
    return Offer(title, people_in_room(heads.get(chosen.name, 0), services.language))
