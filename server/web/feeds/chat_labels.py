"""What a visitor's conversations are called in lists and notices."""

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
    """Names conversations in one language; usable after the request is answered."""

    language: Language
    rooms: Mapping[str, PublicRoom]

    def of(self, label: ChatLabel) -> str:
        """The name of one."""
        if label.other:
            return self.language.gettext("your talk with %(name)s") % {"name": label.other}
        return room_title(label.public_name, label.title, self.rooms, self.language)


def chat_namer(services: Services) -> ChatNamer:
    """Make one for the language of this request."""
    return ChatNamer(services.language, services.rooms)
