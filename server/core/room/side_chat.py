"""A private talk of two who are in the same room, beside it: a ring and numbering of its own.

Both keep the names by which the room knows them, and it lasts no longer than both are in the room.
"""

from __future__ import annotations

from server.core.ids import new_chat_id

from .lifecycle import SIDE_CHAT_LIFE
from .member import Member
from .policy import Policy
from .publication import Outbox
from .room import Room

SIDE_CHAT = Policy(SIDE_CHAT_LIFE, capacity=2)


class SideChat(Room):
    """The talk of two members of one room.

    Args:
        room: where they are.
        one: the member who asked.
        other: the member who said yes.
        outbox: see `Room`.
    """

    __slots__ = ("numbers", "room")

    def __init__(
        self, room: Room, one: Member, other: Member, outbox: Outbox | None = None
    ) -> None:
        super().__init__(SIDE_CHAT, outbox)
        self.room = room
        self.numbers = (one.number, other.number)
        """What the two are in the room, in the order of their numbers here."""

        for member in (one, other):
            self._registry.register(room.name_record(member.number))

    def seat_both(self, one: Member, other: Member) -> tuple[Member, Member]:
        """Seat the two, each under an id of its own: one event tells it, and both see it."""
        return self._seat_pair((one.identity, new_chat_id()), (other.identity, new_chat_id()))

    def number_in_room(self, member: Member) -> int:
        """What the *other* one than this member is in the room."""
        return self.numbers[2 - member.number]
