"""What an operator decided about one public room: the same for everybody, known from the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from server.core.limits import MAX_ROOM_MEMBERS

Words = Mapping[str, str]
"""One text in one or several languages, by their codes; empty when there is no such text."""


class RoomClass(Enum):
    """What a room is for."""

    GENERAL = "general"
    """To talk about anything that its topic names."""

    SUPPORT = "support"
    """To be heard in hard times: slower, and with resources in sight."""


@dataclass(frozen=True, slots=True)
class PublicRoom:
    """A room that stands on the list, whether anybody is in it or not."""

    name: str
    """Its public name, as it stands in URLs."""

    title: Words
    topic: Words
    rules: Words
    """Beside the rules of the house, one a line."""

    room_class: RoomClass = RoomClass.GENERAL
    slow_s: int = 0
    """Seconds between two messages of one member, beyond the usual bucket; 0 for none."""

    capacity: int = MAX_ROOM_MEMBERS
    """Members at once."""

    resources: tuple[str, ...] = ()
    """Plain lines that are pinned in a support room: where to find help."""
