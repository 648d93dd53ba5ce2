"""Matches that were made and not yet opened by both, in the order in which they fall due."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from server.core.ids import Handle
from server.core.invite_code import CodeKey
from server.core.matching.rematch import Rematch
from server.core.matching.ticket import Ticket
from server.core.room.room import Room


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """The place in the queue that a match was made at: of the one who had waited longer."""

    order: int
    since_s: float
    waives_language: bool

    @classmethod
    def of(cls, ticket: Ticket) -> QueuePosition:
        """The place of a ticket."""
        return cls(ticket.order, ticket.since_s, ticket.waives_language)


@dataclass(frozen=True, slots=True)
class RematchState:
    """What is open again when two who meant to meet again did not."""

    rematch: Rematch
    shown: dict[Handle, CodeKey]
    """Who had shown which code."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pair that is to be looked at again."""

    room: Room
    back: QueuePosition | RematchState
    """Where to who came in vain goes back."""

    due_s: float


class PendingMatches:
    """Matches by their rooms. All wait equally long, so the oldest is always due first."""

    def __init__(self) -> None:
        self._by_room: dict[Room, Match] = {}

    def add(self, room: Room, back: QueuePosition | RematchState, due_s: float) -> None:
        """Look at `room` again at `due_s`; no earlier than any match added before."""
        self._by_room[room] = Match(room, back, due_s)

    def drop(self, room: Room) -> Match | None:
        """Look at a room no more."""
        return self._by_room.pop(room, None)

    def due(self, now_s: float) -> list[Match]:
        """Every match that is due; they stay until they are dropped."""
        return list(takewhile(lambda match: match.due_s <= now_s, self._by_room.values()))
