"""Matches that not both members have opened yet, in the order in which they are due."""

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
    """The position in the queue of the ticket that had waited longer when a match was made."""

    order: int
    since_s: float
    waives_language: bool

    @classmethod
    def of(cls, ticket: Ticket) -> QueuePosition:
        """The position of a ticket."""
        return cls(ticket.order, ticket.since_s, ticket.waives_language)


@dataclass(frozen=True, slots=True)
class RematchState:
    """A rematch that becomes open again if a member does not come."""

    rematch: Rematch
    shown: dict[Handle, CodeKey]
    """Which session had shown which code."""


@dataclass(frozen=True, slots=True)
class Match:
    """A pair that both members have to open until `due_s`."""

    room: Room
    restored: QueuePosition | RematchState
    """What is restored for the member who did come."""

    due_s: float


class PendingMatches:
    """Matches by their rooms. All have the same time limit, so the oldest is due first."""

    def __init__(self) -> None:
        self._by_room: dict[Room, Match] = {}

    def add(self, room: Room, back: QueuePosition | RematchState, due_s: float) -> None:
        """Add a match; `due_s` is not earlier than that of any match added before."""
        self._by_room[room] = Match(room, back, due_s)

    def drop(self, room: Room) -> Match | None:
        """Remove a match; return it, if there was one."""
        return self._by_room.pop(room, None)

    def rename(self, room: Room, old: Handle, new: Handle) -> None:
        """Move what is restored for a session, if the match is undone, to another handle."""
        match = self._by_room.get(room)
        if match is not None and isinstance(match.restored, RematchState):
            shown = match.restored.shown
            if old in shown:
                shown[new] = shown.pop(old)

    def due(self, now_s: float) -> list[Match]:
        """Every match that is due; they stay until they are dropped."""
        return list(takewhile(lambda match: match.due_s <= now_s, self._by_room.values()))
