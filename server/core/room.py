"""One conversation: who is in it, what each is called, and what may be done in it now.

A pair is a room with two places, and another life (see `life.py`): what holds for a conversation
from its beginning to its end are its `Terms`.

What is kept of somebody who left is a name, for as long as an entry of theirs is in the ring. The
last thing that is said of a leaver is that they left, so names fall due in the order of leaving.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from .errors import (
    ChatClosedError,
    MessageUnknownError,
    PersonUnknownError,
    RateLimitedError,
    RoomClosedError,
    RoomFullError,
)
from .ids import ChatId, Handle, new_nonce
from .life import PAIR_LIFE, Life, RoomEvent, RoomState
from .limits import RING_ENTRIES
from .mentions import SIGN, find_mentions
from .names import Name, draw_name
from .ratelimit import ROUNDING
from .receipts import Receipts
from .roomlog import Entry, Kind, RoomLog
from .wish import Wish


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds in a conversation from its beginning to its end."""

    life: Life
    capacity: int
    """Members at once."""

    slow_s: float = 0
    """Seconds between two messages of one member, beyond the session's bucket; 0 for none."""

    public_name: str = ""
    """Of a room on the list."""

    title: str = ""
    """Of a private room."""

    gone: Kind = Kind.WENT
    """How the others are told that a member left."""


PAIR = Terms(PAIR_LIFE, capacity=2, gone=Kind.LEFT)


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

    wish: Wish | None = None
    """What they asked for, in a pair: the other is told what not to talk about."""

    opened: bool = False
    """Whether they have opened the page since the match."""

    receipts: Receipts = field(default_factory=Receipts)

    muted: set[int] = field(default_factory=set)
    """Numbers of those whose words this member does not want to read."""

    quiet_until_s: float = -math.inf
    """Before this moment a slow room hears nothing more of them."""


class Room:
    """Some members and what they said.

    Args:
        terms: what holds in it; by default those of a pair.
    """

    __slots__ = ("_gone", "_last_number", "_members", "_names", "_state", "log", "nonce", "terms")

    def __init__(self, terms: Terms = PAIR) -> None:
        self.terms = terms
        self.log = RoomLog()
        self.nonce = new_nonce()
        """The same for all readers, so that what is rendered is the same for all of them."""
        self._state = RoomState.OPEN
        self._members: dict[int, Member] = {}
        self._names: dict[int, Name] = {}
        self._gone: deque[tuple[int, int]] = deque()
        """Where it was told that somebody left, and their number; oldest first."""
        self._last_number = 0

    @property
    def state(self) -> RoomState:
        """Where it is in its life."""
        return self._state

    @property
    def members(self) -> tuple[Member, ...]:
        """Who is in it now, in the order of coming."""
        return tuple(self._members.values())

    @property
    def is_pair(self) -> bool:
        """Whether it is for two, and over when one of them is gone."""
        return self.terms.life is PAIR_LIFE

    @property
    def names(self) -> dict[int, str]:
        """Names by member number; of those who left, while the ring still speaks of them."""
        return {number: str(name) for number, name in self._names.items()}

    def name(self, number: int) -> str:
        """What the member of that number is or was called; empty when nobody knows any more."""
        return str(self._names.get(number, ""))

    def names_in(self, entries: Collection[Entry]) -> dict[int, str]:
        """The names of all that these entries speak of."""
        numbers = {entry.sender for entry in entries}
        numbers |= {int(entry.body) for entry in entries if entry.kind is Kind.MET}
        return {number: self.name(number) for number in numbers}

    @property
    def head_count(self) -> int:
        """How many are in it now."""
        return len(self._members)

    def join(self, handle: Handle, chat_id: ChatId) -> Member:
        """Give somebody a seat and a name, and tell the others.

        Raises:
            RoomFullError: if every place is taken.
        """
        self.check_place()
        member = self._seat(self._introduce(), handle, chat_id)
        self._tell(Kind.JOINED, member.number)
        return member

    def join_pair(
        self, first: tuple[Handle, ChatId], second: tuple[Handle, ChatId]
    ) -> tuple[Member, Member]:
        """Seat two who come at the same moment: one event tells it, and both see it."""
        pair = self._seat(self._introduce(), *first), self._seat(self._introduce(), *second)
        self._tell(Kind.MET, pair[0].number, str(pair[1].number).encode())
        return pair

    def say(self, member: Member, text: str, now_s: float) -> None:
        """Say something that was cleaned, and whose right to be said was checked."""
        member.quiet_until_s = now_s + self.terms.slow_s
        meant = find_mentions(text, self.names) if SIGN in text else ()
        self._tell(Kind.MESSAGE, member.number, text.encode(), meant)

    def own_words(self, member: Member, limit: int) -> list[Entry]:
        """The newest messages of a member that are kept, newest first."""
        page = self.log.read(member.joined_seq, limit=RING_ENTRIES)
        own = [e for e in page.entries if e.kind is Kind.MESSAGE and e.sender == member.number]
        return own[::-1][:limit]

    def delete(self, member: Member, seq: int) -> None:
        """Take back something that a member said: its words are gone, and everybody is told.

        Raises:
            MessageUnknownError: if there is no such message of theirs.
        """
        entry = self.log.get(seq)
        if entry is None or entry.kind is not Kind.MESSAGE or entry.sender != member.number:
            raise MessageUnknownError
        self.log.erase(seq)
        self._tell(Kind.DELETED, member.number, str(seq).encode())

    def mute(self, member: Member, number: int) -> None:
        """Let a member read nothing more of what somebody says; or again, if that was so.

        Raises:
            PersonUnknownError: if nobody else of that number is known here.
        """
        if number == member.number or number not in self._names:
            raise PersonUnknownError
        # Who is forgotten here need not be remembered as muted.
        member.muted &= self._names.keys()
        member.muted ^= {number}

    def leave(self, member: Member, kind: Kind | None = None) -> None:
        """Take a seat away and tell who is left; with the last one, drop everything.

        Args:
            member: one of `members`.
            kind: `ABSENT` for somebody who never came; by default as the terms have it.
        """
        del self._members[member.number]
        if not self._members:
            self._move(RoomEvent.LAST_GONE)
            self._names.clear()
            self._gone.clear()
            self.log.shred()
        else:
            self._move(RoomEvent.MEMBER_GONE)
            self._gone.append((self.log.last_seq + 1, member.number))
            self._tell(kind or self.terms.gone, member.number)

    def check_place(self) -> None:
        """Pass if there is a place for one more.

        Raises:
            RoomFullError: otherwise.
        """
        if len(self._members) >= self.terms.capacity:
            raise RoomFullError

    def check_open(self) -> None:
        """Pass if the room may be written to.

        Raises:
            ChatClosedError: otherwise, if it is a pair.
            RoomClosedError: otherwise.
        """
        if self._state is not RoomState.OPEN:
            raise ChatClosedError if self.is_pair else RoomClosedError

    def check_pace(self, member: Member, now_s: float) -> None:
        """Pass if a member of a slow room has been quiet for long enough.

        Raises:
            RateLimitedError: otherwise.
        """
        wait_s = member.quiet_until_s - now_s
        if wait_s > ROUNDING:
            raise RateLimitedError(math.ceil(wait_s - ROUNDING))

    def _introduce(self) -> int:
        """Draw a name for somebody new, and return the number that they have from now on."""
        self._last_number += 1
        self._names[self._last_number] = draw_name(self._names.values())
        return self._last_number

    def _seat(self, number: int, handle: Handle, chat_id: ChatId) -> Member:
        member = Member(number, handle, chat_id, joined_seq=self.log.last_seq)
        self._members[number] = member
        return member

    def _tell(
        self, kind: Kind, number: int, body: bytes = b"", meant: tuple[int, ...] = ()
    ) -> None:
        self.log.append(kind, number, body, meant)
        while self._gone and self._gone[0][0] < self.log.oldest_seq:
            del self._names[self._gone.popleft()[1]]

    def _move(self, event: RoomEvent) -> None:
        self._state = self.terms.life[self._state][event]
