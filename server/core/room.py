"""The life of one conversation: who is in it, and whether it can still be written to.

    OPEN      both are here (or one has yet to open the page): may write and read
    CLOSED    one left or never came: what is there may be read, nobody may write
    SHREDDED  nobody is left: nothing is there any more

A pair is a room with two places. What moves it is a table; an event that is not in the row of
the present state is a bug and raises.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from .errors import ChatClosedError
from .ids import ChatId, Handle
from .names import draw_name
from .receipts import Receipts
from .roomlog import Kind, RoomLog


class RoomState(Enum):
    """Where a conversation is in its life."""

    OPEN = "open"
    CLOSED = "closed"
    SHREDDED = "shredded"


class RoomEvent(Enum):
    """What moves a conversation on."""

    MEMBER_GONE = "member-gone"
    """One of two left, was forgotten, or never came."""

    LAST_GONE = "last-gone"
    """Nobody is left."""


TRANSITIONS: dict[RoomState, dict[RoomEvent, RoomState]] = {
    RoomState.OPEN: {
        RoomEvent.MEMBER_GONE: RoomState.CLOSED,
        RoomEvent.LAST_GONE: RoomState.SHREDDED,
    },
    RoomState.CLOSED: {RoomEvent.LAST_GONE: RoomState.SHREDDED},
    RoomState.SHREDDED: {},
}


@dataclass(slots=True, eq=False)
class Member:
    """One person's seat in a conversation; forgotten when the person leaves."""

    number: int
    """Counted from 1 in the order of coming; means something in this conversation only."""

    handle: Handle
    chat_id: ChatId
    """The conversation's id in this member's URLs."""

    joined_seq: int
    """The cursor of this member's coming: nothing up to it is ever shown to them."""

    opened: bool = False
    """Whether they have opened the page since the match."""

    receipts: Receipts = field(default_factory=Receipts)


class Room:
    """A pair: two members and what they said."""

    __slots__ = ("_members", "_names", "_state", "log")

    def __init__(self) -> None:
        self.log = RoomLog()
        self._state = RoomState.OPEN
        self._members: dict[int, Member] = {}
        self._names: dict[int, str] = {}

    @property
    def state(self) -> RoomState:
        """Where it is in its life."""
        return self._state

    @property
    def members(self) -> tuple[Member, ...]:
        """Who is in it now, in the order of coming."""
        return tuple(self._members.values())

    @property
    def names(self) -> dict[int, str]:
        """Names by member number; those who left keep theirs, as what they said stays readable."""
        return dict(self._names)

    def join(self, handle: Handle, chat_id: ChatId) -> Member:
        """Give somebody a seat and a name, and tell the others."""
        member = self._seat(handle, chat_id)
        self.log.append(Kind.JOINED, member.number)
        return member

    def join_pair(
        self, first: tuple[Handle, ChatId], second: tuple[Handle, ChatId]
    ) -> tuple[Member, Member]:
        """Seat two who come at the same moment: one event tells it, and both see it."""
        pair = self._seat(*first), self._seat(*second)
        self.log.append(Kind.MET, pair[0].number, str(pair[1].number).encode())
        return pair

    def _seat(self, handle: Handle, chat_id: ChatId) -> Member:
        number = len(self._names) + 1
        self._names[number] = draw_name(self._names.values())
        member = Member(number, handle, chat_id, joined_seq=self.log.last_seq)
        self._members[number] = member
        return member

    def leave(self, member: Member, kind: Kind = Kind.LEFT) -> None:
        """Take a seat away and tell who is left; with the last one, drop everything.

        Args:
            member: one of `members`.
            kind: `LEFT`, or `ABSENT` for somebody who never came.
        """
        del self._members[member.number]
        if not self._members:
            self._move(RoomEvent.LAST_GONE)
            self._names.clear()
            self.log.shred()
        else:
            self._move(RoomEvent.MEMBER_GONE)
            self.log.append(kind, member.number)

    def check_open(self) -> None:
        """Pass if the room may be written to.

        Raises:
            ChatClosedError: otherwise.
        """
        if self._state is not RoomState.OPEN:
            raise ChatClosedError

    def _move(self, event: RoomEvent) -> None:
        self._state = TRANSITIONS[self._state][event]
