"""What a visitor's conversations are called where they are listed or told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.core.room.public import PublicRoom
from server.locales.language import Language
from server.store.contract.rooms import ChatLabel
from server.web.render.operator_text import room_title
from server.web.services import Services


@dataclass(frozen=True, slots=True)
class ChatNamer:
    """How to call a conversation in one language; also after the request is answered."""

    language: Language
    rooms: Mapping[str, PublicRoom]

    def of(self, place: ChatLabel) -> str:
        """What this one is called."""
        if place.other:
            return self.language.gettext("your talk with %(name)s") % {"name": place.other}
        return room_title(place.public_name, place.title, self.rooms, self.language)


def place_names(services: Services) -> ChatNamer:
    """How to call conversations in the language of this request."""
    return ChatNamer(services.language, services.rooms)
