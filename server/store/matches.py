"""Matches that were made and not yet opened by both, in the order in which they fall due."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from server.core.matchmaker import Ticket
from server.core.room import Room


@dataclass(frozen=True, slots=True)
class Match:
    """A pair that is to be looked at again."""

    room: Room
    ticket: Ticket
    """Of the one who waited: its order is what a place at the head is made of."""

    due_s: float


class Matches:
    """A queue of matches. All wait equally long, so the oldest is always due first."""

    def __init__(self) -> None:
        self._queue: deque[Match] = deque()

    def add(self, room: Room, ticket: Ticket, due_s: float) -> None:
        """Look at `room` again at `due_s`; no earlier than any match added before."""
        self._queue.append(Match(room, ticket, due_s))

    def pop_due(self, now_s: float) -> list[Match]:
        """Take out every match that is due."""
        due: list[Match] = []
        while self._queue and self._queue[0].due_s <= now_s:
            due.append(self._queue.popleft())
        return due
