"""A room that one enters by an invitation: who may let people in, and how.

The opener is who made the room, and after them whoever has been there longest. The opener can
lock it, have newcomers knock, send somebody out, issue a new invitation, and close it.

An invitation is a code of which only a keyed hash is known here. It is burnt when it was used by
as many as it was made for, when its time is over, when a newer one is issued, when somebody is
sent out (who has read it, and would only come back), and when the room closes. Whoever knocks has
used it, whether they are let in or not.

The title is what its opener wrote, so it is sealed: to each member, to each who knocks, and for
whoever has the code of the invitation.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.core.crypto.seal import seal_title
from server.core.errors import MemberUnknownError, NotOpenerError, RoomFullError, RoomLockedError
from server.core.ids import ChatId, Handle, PublicIdentity
from server.core.invite_code import CodeKey
from server.core.limits import MAX_KNOCKERS, MAX_PRIVATE_MEMBERS

from .lifecycle import ROOM_LIFE, RoomEvent, RoomState
from .log import Entry, Kind
from .member import Member
from .message import OpenEntry
from .policy import Policy
from .publication import Outbox
from .room import Room


@dataclass(slots=True)
class Invitation:
    """A way in, for a while and for a few."""

    key: CodeKey
    uses: int
    """How many more may come in by it."""

    until_s: float
    wrapped_title: bytes
    """The title of the room, sealed for whoever has the code."""

    def is_good(self, now_s: float) -> bool:
        """Whether it still opens."""
        return self.uses > 0 and now_s < self.until_s


@dataclass(frozen=True, slots=True, eq=False)
class Knocker:
    """Somebody who waits outside; forgotten when let in, sent away or gone."""

    number: int
    """Theirs in the room already, so that they keep it with their name when let in."""

    identity: PublicIdentity
    chat_id: ChatId
    """The conversation's id for them, if they are let in."""

    sealed_title: bytes
    """The title of the room, sealed to them."""

    @property
    def handle(self) -> Handle:
        """What finds their session."""
        return self.identity.handle


class PrivateRoom(Room):
    """A room with an opener. It is nobody's while nobody has joined it."""

    __slots__ = ("_knockers", "asks_first", "invitation", "is_locked", "opener")

    def __init__(self, outbox: Outbox | None = None) -> None:
        super().__init__(Policy(ROOM_LIFE, MAX_PRIVATE_MEMBERS, has_side_chats=True), outbox)
        self.opener = 0
        """Number of the member whose room it is; 0 before the first and after the last."""

        self.invitation: Invitation | None = None
        self.is_locked = False
        """Whether nobody may come in."""

        self.asks_first = False
        """Whether newcomers knock, and wait until the opener lets them in."""

        self._knockers: dict[int, Knocker] = {}

    @property
    def knockers(self) -> tuple[Knocker, ...]:
        """Who waits outside, in the order of knocking."""
        return tuple(self._knockers.values())

    def only_for(self, entry: Entry | OpenEntry) -> int | None:
        """See `Room.only_for`; a knock is for the opener."""
        return self.opener if entry.kind is Kind.KNOCKED else super().only_for(entry)

    def check_opener(self, member: Member) -> None:
        """Pass if it is this member's room, and open.

        Raises:
            NotOpenerError: if it is not theirs.
            RoomClosedError: if it is closed.
        """
        if member.number != self.opener:
            raise NotOpenerError
        self.check_open()

    def check_way_in(self) -> None:
        """Pass if somebody with a good invitation may come in, or knock.

        Raises:
            RoomLockedError: if nobody may.
            RoomFullError: if every place is taken, inside or outside.
        """
        if self.is_locked:
            raise RoomLockedError
        self.check_place()
        if self.asks_first and len(self._knockers) >= MAX_KNOCKERS:
            raise RoomFullError

    def join(self, identity: PublicIdentity, chat_id: ChatId) -> Member:
        """See `Room.join`; the first one is the opener."""
        member = super().join(identity, chat_id)
        self.opener = self.opener or member.number
        return member

    def enter(self, identity: PublicIdentity, chat_id: ChatId, title: str) -> Member:
        """Join, and be given the title, which the one who comes has brought."""
        member = self.join(identity, chat_id)
        member.sealed_title = seal_title(title, identity.public_key)
        return member

    def knock(self, identity: PublicIdentity, chat_id: ChatId, title: str) -> Knocker:
        """Let somebody wait outside, and tell the opener."""
        sealed_title = seal_title(title, identity.public_key)
        knocker = Knocker(self._registry.register(), identity, chat_id, sealed_title)
        self._knockers[knocker.number] = knocker
        self._append_event(Kind.KNOCKED, knocker.number)
        return knocker

    def admit(self, number: int) -> Member:
        """Let somebody in who knocked.

        Raises:
            PersonUnknownError: if nobody of that number waits.
            RoomFullError: if every place is taken.
        """
        self.check_place()
        knocker = self._knockers.pop(number, None)
        if knocker is None:
            raise MemberUnknownError
        member = self._seat(number, knocker.identity, knocker.chat_id)
        member.sealed_title = knocker.sealed_title
        self._append_event(Kind.JOINED, number)
        return member

    def send_away(self, number: int) -> Knocker:
        """Let somebody wait no longer. Nobody is told.

        Raises:
            PersonUnknownError: if nobody of that number waits.
        """
        knocker = self._knockers.pop(number, None)
        if knocker is None:
            raise MemberUnknownError
        self._registry.leave(number)
        return knocker

    def find(self, number: int) -> Member:
        """Another member than the opener.

        Raises:
            PersonUnknownError: if there is none of that number.
        """
        member = self._members.get(number)
        if member is None or number == self.opener:
            raise MemberUnknownError
        return member

    def leave(self, member: Member, kind: Kind | None = None) -> None:
        """See `Room.leave`; when the opener goes, who has been there longest is the next."""
        super().leave(member, kind)
        if self.state is RoomState.SHREDDED:
            self.opener = 0
        elif member.number == self.opener and self.state is RoomState.OPEN:
            self.opener = self.members[0].number
            self._append_event(Kind.OPENER, self.opener)

    def close(self) -> None:
        """Let nobody write any more; what is there stays readable."""
        self._move(RoomEvent.CLOSED)
        self._append_event(Kind.CLOSED, self.opener)
