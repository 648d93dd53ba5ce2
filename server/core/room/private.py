"""A private room, joined by invitation: who may admit visitors, and how.

The opener is the member who created the room; when the opener leaves, the member who has been
there longest takes over. The opener can lock the room, require newcomers to knock, remove a member,
issue a new invitation, and close the room.

An invitation is a code, of which only a keyed hash is stored. It becomes invalid when its number of
uses is exhausted, when it expires, when a newer one is issued, when a member is removed (who knows
the code and could return), and when the room closes. A knock uses it up, whether the visitor is
admitted or not. A use is only reserved until the visitor opens the page of the room, or of the
knock.

The opener wrote the title, so it is sealed: to each member, to each visitor who knocks, and for
visitors who have the invitation code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from server.core.crypto.seal import seal_title
from server.core.errors import MemberUnknownError, NotOpenerError, RoomFullError, RoomLockedError
from server.core.ids import ChatId, Handle, PublicIdentity
from server.core.invite_code import CodeKey
from server.core.limits import MAX_KNOCKERS, MAX_PRIVATE_MEMBERS, USE_RETURNS

from .lifecycle import ROOM_LIFE, RoomEvent, RoomState
from .log import Kind
from .member import Member
from .policy import Policy
from .publication import Outbox
from .requests import Request, RequestKind
from .room import Room


@dataclass(slots=True)
class Invitation:
    """An invitation, limited in time and in number of uses."""

    key: CodeKey
    uses: int
    """How many more visitors may use it."""

    until_s: float
    wrapped_title: bytes
    """The title of the room, sealed for visitors who have the code."""

    reserved: int = 0
    """Uses that are reserved for visitors who have not opened the page yet."""

    issuer: int = 0
    """Number of the opener who issued it; nobody else is shown its code."""

    sealed_code: bytes = b""
    """The code, sealed to its issuer, to be shown again."""

    returns: int = field(init=False)
    """How many more reserved uses are given back."""

    def __post_init__(self) -> None:
        self.returns = self.uses * USE_RETURNS

    def is_valid(self, now_s: float) -> bool:
        """Check whether it can still be used."""
        return self.uses > 0 and now_s < self.until_s

    @property
    def is_used_up(self) -> bool:
        """Whether it has no use left, and none will be given back."""
        return not (self.uses or self.reserved)

    def reserve(self) -> None:
        """Reserve a use for a visitor; it is valid."""
        self.uses -= 1
        self.reserved += 1

    def settle(self, *, was_opened: bool) -> None:
        """Use a reserved use up, or give it back."""
        self.reserved -= 1
        if not was_opened and self.returns:
            self.returns -= 1
            self.uses += 1


@dataclass(frozen=True, slots=True, eq=False)
class Knocker:
    """A visitor who waits to be admitted; deleted when admitted, rejected or gone."""

    number: int
    """Their member number, assigned already, so that they keep it and their name when admitted."""

    identity: PublicIdentity
    chat_id: ChatId
    """The conversation's id in their URLs, if they are admitted."""

    sealed_title: bytes
    """The title of the room, sealed to them."""

    @property
    def handle(self) -> Handle:
        """The handle of their session."""
        return self.identity.handle


class PrivateRoom(Room):
    """A room with an opener. Without members it has no opener."""

    __slots__ = ("_knockers", "invitation", "is_locked", "opener", "requires_knock")

    def __init__(self, outbox: Outbox | None = None) -> None:
        super().__init__(Policy(ROOM_LIFE, MAX_PRIVATE_MEMBERS, has_side_chats=True), outbox)
        self.opener = 0
        """Number of the opener; 0 before the first member and after the last."""

        self.invitation: Invitation | None = None
        self.is_locked = False
        """Whether nobody may join."""

        self.requires_knock = False
        """Whether newcomers must knock and wait until the opener admits them."""

        self._knockers: dict[int, Knocker] = {}

    @property
    def knockers(self) -> tuple[Knocker, ...]:
        """The visitors who wait to be admitted, in the order of knocking."""
        return tuple(self._knockers.values())

    @property
    def longest_member(self) -> Member:
        """The member who has been there longest: the opener, unless they left a closed room.

        There is one as long as the room exists.
        """
        return next(iter(self._members.values()))

    def check_opener(self, member: Member) -> None:
        """Check that this member is the opener and the room is open.

        Raises:
            NotOpenerError: if the member is not the opener.
            RoomClosedError: if it is closed.
        """
        if member.number != self.opener:
            raise NotOpenerError
        self.check_open()

    def check_admission(self) -> None:
        """Check that a visitor with a valid invitation may join or knock.

        Raises:
            RoomLockedError: if the room is locked.
            RoomFullError: if the room has no free place, or too many visitors wait outside.
        """
        if self.is_locked:
            raise RoomLockedError
        self.check_capacity()
        if self.requires_knock and len(self._knockers) >= MAX_KNOCKERS:
            raise RoomFullError

    def join(self, identity: PublicIdentity, chat_id: ChatId) -> Member:
        """Add a member, see `Room.join`; the first one becomes the opener."""
        member = super().join(identity, chat_id)
        self.opener = self.opener or member.number
        return member

    def enter(self, identity: PublicIdentity, chat_id: ChatId, title: str) -> Member:
        """Add a member, and seal to them the title that their invitation code opened."""
        member = self.join(identity, chat_id)
        member.sealed_title = seal_title(title, identity.public_key)
        return member

    def knock(self, identity: PublicIdentity, chat_id: ChatId, title: str) -> Knocker:
        """Add a visitor who waits to be admitted: a request to the opener."""
        sealed_title = seal_title(title, identity.public_key)
        knocker = Knocker(self._registry.register(), identity, chat_id, sealed_title)
        self._knockers[knocker.number] = knocker
        self._ask_opener(knocker.number)
        return knocker

    def move_knocker(
        self, number: int, identity: PublicIdentity, seal_again: Callable[[bytes], bytes]
    ) -> None:
        """Give a visitor who knocked another identity: the secret of their session is new.

        Args:
            number: theirs.
            identity: from now on.
            seal_again: seals what was sealed to the old identity to the new one.
        """
        knocker = self._knockers[number]
        self._knockers[number] = replace(
            knocker, identity=identity, sealed_title=seal_again(knocker.sealed_title)
        )

    def admit(self, number: int) -> Member:
        """Admit a visitor who knocked.

        Raises:
            MemberUnknownError: if nobody with that number waits.
            RoomFullError: if the room has no free place.
        """
        self.check_capacity()
        knocker = self._take_knocker(number)
        member = self._seat(number, knocker.identity, knocker.chat_id)
        member.sealed_title = knocker.sealed_title
        self._append_event(Kind.JOINED, number)
        return member

    def reject(self, number: int) -> Knocker:
        """Remove a visitor who knocked. No event is appended.

        Raises:
            MemberUnknownError: if nobody with that number waits.
        """
        knocker = self._take_knocker(number)
        self._registry.leave(number)
        return knocker

    def _take_knocker(self, number: int) -> Knocker:
        """Remove a visitor who knocked, and the request to the opener."""
        knocker = self._knockers.pop(number, None)
        if knocker is None:
            raise MemberUnknownError
        if self.opener in self._members:
            self._members[self.opener].requests.pop(number, None)
        return knocker

    def _ask_opener(self, number: int) -> None:
        """Let the opener know that a visitor knocks."""
        request = Request(RequestKind.KNOCK, self.log.last_seq)
        self._members[self.opener].add_request(number, request)

    def find(self, number: int) -> Member:
        """Return a member other than the opener.

        Raises:
            MemberUnknownError: if there is none with that number.
        """
        member = self._members.get(number)
        if member is None or number == self.opener:
            raise MemberUnknownError
        return member

    def leave(self, member: Member, kind: Kind | None = None) -> None:
        """Remove a member, see `Room.leave`; the longest-present member succeeds an opener."""
        super().leave(member, kind)
        if self.invitation is not None and self.invitation.issuer == member.number:
            self.invitation.sealed_code = b""
        if self.state is RoomState.SHREDDED:
            self.opener = 0
        elif member.number == self.opener and self.state is RoomState.OPEN:
            self.opener = self.members[0].number
            self._append_event(Kind.OPENER, self.opener)
            for number in self._knockers:
                self._ask_opener(number)

    def close(self) -> None:
        """Close the room: nobody can write any more, but members can still read."""
        self._transition(RoomEvent.CLOSED)
        self._append_event(Kind.CLOSED, self.opener)
