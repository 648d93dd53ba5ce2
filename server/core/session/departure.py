"""How a session came out of a conversation, as far as it is told on the pages that it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from server.core.ids import ChatId
from server.core.room.log import Kind


class Departure(Enum):
    """How a session came out of a conversation."""

    LEFT = "left"
    """By itself."""

    REMOVED = "removed"
    """The host removed it."""

    ENDED = "ended"
    """The conversation ended without its doing, such as a match that it never opened."""


@dataclass(frozen=True, slots=True)
class PastChat:
    """A conversation that a session was in."""

    chat_id: ChatId
    how: Departure
    until_s: float
    """Until when this is known."""


def departure_of(kind: Kind | None) -> Departure:
    """Return how somebody left, by the event that the others see; `None` is the usual one."""
    if kind is None:
        return Departure.LEFT
    return Departure.REMOVED if kind is Kind.REMOVED else Departure.ENDED
