"""What a visitor's conversations are called where they are listed or told of."""

from __future__ import annotations

from collections.abc import Callable

from server.store.base_rooms import Place

from .members import room_title
from .services import Services

PlaceName = Callable[[Place], str]


def place_names(house: Services) -> PlaceName:
    """How to call a conversation in the language of this request; also after it is answered."""
    rooms, language = house.rooms, house.language

    def name(place: Place) -> str:
        if place.other:
            return language.gettext("your talk with %(name)s") % {"name": place.other}
        return room_title(place.public_name, place.title, rooms, language)

    return name
