"""A room to be in while one waits: where it is less lonely than on an empty page."""

from __future__ import annotations

from dataclasses import dataclass

from server.core.ids import Secret
from server.core.room.public import PublicRoom, RoomClass
from server.web.render.operator_text import OperatorText, text_in_language
from server.web.services import Services


@dataclass(frozen=True, slots=True)
class Offer:
    """One public room, and the token of the form that leads into it."""

    name: str
    title: OperatorText
    token: str


def offered(services: Services, secret: Secret) -> Offer | None:
    """The first general room that has a title in the language of the page, else the first."""
    rooms = [room for room in services.rooms.values() if room.room_class is RoomClass.GENERAL]
    code = services.language.code
    chosen: PublicRoom | None = min(rooms, key=lambda room: code not in room.title, default=None)
    if chosen is None:
        return None
    title = text_in_language(chosen.title, services.language)
    if title is None:
        return None
    return Offer(chosen.name, title, services.tokens.form(secret.handle, "join", chosen.name))
