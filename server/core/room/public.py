"""The configuration of one public room, as the operator wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from server.core.limits import MAX_ROOM_MEMBERS

LocalizedText = Mapping[str, str]
"""One text by language code, in one or several languages; empty if there is no text."""


class RoomClass(Enum):
    """The purpose of a room."""

    GENERAL = "general"
    """Conversation about its topic."""

    SUPPORT = "support"
    """Support in hard times: slower, and with resources pinned."""


@dataclass(frozen=True, slots=True)
class PublicRoom:
    """A public room, listed whether it has members or not."""

    name: str
    """Its name in URLs."""

    title: LocalizedText
    topic: LocalizedText
    rules: LocalizedText
    """Rules in addition to those of the service, one per line."""

    room_class: RoomClass = RoomClass.GENERAL
    slow_s: int = 0
    """Seconds between two messages of one member, beside the usual rate limit; 0 for none."""

    capacity: int = MAX_ROOM_MEMBERS
    """Most members at once."""

    resources: tuple[str, ...] = ()
    """Plain lines of text pinned in a support room: where to find help."""
