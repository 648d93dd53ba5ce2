"""A side chat: a private conversation of two members of a room, with its own log and numbering.

Both keep the names that they have in the room. It closes when either of them leaves the room.
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
    """A side chat of two members of one room.

    Args:
        room: the room that both are in.
        one: the member who asked.
        other: the member who accepted.
        outbox: see `Room`.
    """

    __slots__ = ("numbers", "room")

    def __init__(
        self, room: Room, one: Member, other: Member, outbox: Outbox | None = None
    ) -> None:
        super().__init__(SIDE_CHAT, outbox)
        self.room = room
        self.numbers = (one.number, other.number)
        """The numbers of both in the room, in the order of their numbers in the side chat."""

        for member in (one, other):
            self._registry.register(room.name_record(member.number))

    def seat_both(self, one: Member, other: Member) -> tuple[Member, Member]:
        """Add both members, each with a new chat id, and append one event that both see."""
        return self._seat_pair((one.identity, new_chat_id()), (other.identity, new_chat_id()))

    def number_in_room(self, member: Member) -> int:
        """Return the room number of this member's *partner*."""
        return self.numbers[2 - member.number]
