"""One conversation: who is in it, what each is called, and what may be done in it now.

A pair is a room with two places, and other terms (see `policy.py`).

What is kept of somebody who left is a name, for as long as an entry of theirs is kept (see
`namebook.py`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Set

from server.core.crypto.epochs import Change
from server.core.crypto.seal import Keyring
from server.core.errors import (
    ChatClosedError,
    MemberUnknownError,
    MessageUnknownError,
    NoSideChatsError,
    RateLimitedError,
    RoomClosedError,
    RoomFullError,
)
from server.core.ids import ChatId, PublicIdentity, RoomId, new_nonce
from server.core.limits import MAX_ASKED, RING_ENTRIES
from server.core.ratelimit import ROUNDING

from .keys import RoomKeys
from .lifecycle import PAIR_LIFE, ROOM_LIFE, RoomEvent, RoomState
from .log import FOR_ONE, Entry, Kind, RoomLog
from .member import Member
from .mentions import SIGN, find_mentions
from .message import Message, OpenEntry
from .name_registry import NameRegistry, speaks_of
from .names import Name
from .policy import PAIR, Policy
from .publication import Outbox, Publication


class Room:
    """Some members and what they said.

    Args:
        policy: what holds in it; by default those of a pair.
        outbox: takes its new entries, to be published when the change is complete.
    """

    __slots__ = (
        *("_members", "_muters", "_outbox", "_registry", "_state"),
        *("keys", "log", "nonce", "policy"),
    )

    def __init__(self, policy: Policy = PAIR, outbox: Outbox | None = None) -> None:
        self.policy = policy
        self.log = RoomLog()
        self.keys = RoomKeys(policy.renewal_s)
        self.nonce = new_nonce()
        """The same for all readers, so that what is rendered is the same for all of them."""
        self._outbox: Outbox = [] if outbox is None else outbox
        self._state = RoomState.OPEN
        self._members: dict[int, Member] = {}
        self._muters: set[int] = set()
        """Numbers of the members who have muted anybody."""
        self._registry = NameRegistry()

    @property
    def id(self) -> RoomId:
        """The conversation's own id, which its members share."""
        return self.keys.room_id

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
        return self.policy.life is PAIR_LIFE

    @property
    def names(self) -> Mapping[int, str]:
        """Names by number; of those who left, while an entry still speaks of them."""
        return self._registry.render()

    def name(self, number: int) -> str:
        """What the member of that number is or was called; empty when nobody knows any more."""
        return self._registry.render([number])[number]

    def name_record(self, number: int) -> Name | None:
        """The name of that number, as it is kept; `None` when nobody knows any more."""
        return self._registry.get(number)

    def names_in(self, entries: Collection[Entry | OpenEntry]) -> Mapping[int, str]:
        """The names of all that these entries speak of."""
        return self._registry.render({number for entry in entries for number in speaks_of(entry)})

    @property
    def head_count(self) -> int:
        """How many are in it now."""
        return len(self._members)

    def join(self, identity: PublicIdentity, chat_id: ChatId) -> Member:
        """Give somebody a seat and a name, and tell the others.

        Raises:
            RoomFullError: if every place is taken.
        """
        self.check_place()
        member = self._seat(self._registry.register(), identity, chat_id)
        self._append_event(Kind.JOINED, member.number)
        return member

    def join_pair(
        self, first: tuple[PublicIdentity, ChatId], second: tuple[PublicIdentity, ChatId]
    ) -> tuple[Member, Member]:
        """Seat two who come at the same moment: one event tells it, and both see it."""
        self._registry.register()
        self._registry.register()
        return self._seat_pair(first, second)

    def post(self, member: Member, keyring: Keyring, text: str, now_s: float) -> None:
        """Say something that was cleaned, and whose right to be said was checked.

        Raises:
            SealError: if keys are to be changed first, see `epochs.Epochs.begin`.
        """
        message = Message(text, find_mentions(text, self.names) if SIGN in text else ())
        epoch, sealed = self.keys.seal(self.log.last_seq + 1, member.number, keyring, message)
        member.quiet_until_s = now_s + self.policy.slow_s
        member.quiet_announced = False
        self.keys.epochs.hold(epoch)
        entry, dropped = self.log.append(Kind.MESSAGE, member.number, epoch=epoch, sealed=sealed)
        self._keep(entry, dropped)
        self._publish(OpenEntry(entry.seq, entry.kind, entry.sender, message=message))

    def rekey(self, change: Change, now_s: float) -> None:
        """Let words be sealed under a new key from now on; see `epochs.Epochs.commit`.

        Where keys have become too many, the messages go that the oldest of them opened.
        """
        epochs = self.keys.epochs
        epochs.commit(change, now_s)
        while (last := epochs.over()) is not None:
            for old in self.log.forget_epochs(last):
                self._release(old)
            epochs.let_go(last)

    def own_messages(self, member: Member, limit: int) -> list[Entry]:
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
        self.keys.epochs.release(entry.epoch)
        self._append_event(Kind.DELETED, member.number, seq)

    def mute(self, member: Member, number: int) -> None:
        """Let a member read nothing more of what somebody says; or again, if that was so.

        Raises:
            PersonUnknownError: if nobody else of that number is known here.
        """
        if number == member.number or number not in self.known_to(member):
            raise MemberUnknownError
        # Who is forgotten here need not be remembered as muted.
        member.muted &= self._registry.known
        member.muted ^= {number}
        if member.muted:
            self._muters.add(member.number)
        else:
            self._muters.discard(member.number)

    def only_for(self, entry: Entry | OpenEntry) -> int | None:
        """The one member who may read an entry; `None` if all may."""
        return entry.about if entry.kind is Kind.ASKED else None

    def is_shown(self, entry: Entry | OpenEntry, member: Member) -> bool:
        """Whether a member may read an entry."""
        return self.only_for(entry) in (None, member.number) and not member.hides(entry)

    def known_to(self, member: Member) -> Set[int]:
        """The numbers of all who are here, and of those whom a member has seen in the log."""
        seen = self.log.read(member.joined_seq, limit=RING_ENTRIES).entries
        told = {n for e in seen if e.kind not in FOR_ONE for n in speaks_of(e)}
        return told | self._members.keys()

    def ask(self, member: Member, number: int) -> bool:
        """Let a member ask another for a private talk. Asked again, it is one question.

        It is told alike if the other has muted them, who then does not read it: nobody can tell.

        Returns:
            Whether it is a new question.

        Raises:
            NoAsidesError: if there are none in this room.
            RoomClosedError: if it is closed.
            PersonUnknownError: if nobody else of that number is here.
        """
        if not self.policy.has_side_chats:
            raise NoSideChatsError
        self.check_open()
        other = self._members.get(number)
        if other is None or other is member:
            raise MemberUnknownError
        if number in member.asked:
            return False
        member.asked[number] = None
        if len(member.asked) > MAX_ASKED:
            del member.asked[next(iter(member.asked))]
        self._append_event(Kind.ASKED, member.number, number)
        return True

    def announce_quiet(self, member: Member) -> None:
        """Tell the other that a member's line has broken off; once, until the member speaks."""
        if not member.quiet_announced and self._state is RoomState.OPEN:
            member.quiet_announced = True
            self._append_event(Kind.QUIET, member.number)

    def announce_rematch(self, member: Member) -> None:
        """Tell the other that a member would like to be found again."""
        self._append_event(Kind.AGAIN, member.number)

    def leave(self, member: Member, kind: Kind | None = None) -> None:
        """Take a seat away and tell who is left; with the last one, drop everything.

        Args:
            member: one of `members`.
            kind: `ABSENT` for somebody who never came; by default as the terms have it.
        """
        del self._members[member.number]
        self._muters.discard(member.number)
        self.keys.epochs.gone(member.number)
        if not self._members:
            self._move(RoomEvent.LAST_GONE)
            self.keys.epochs.clear()
            self._registry.clear()
            self.log.shred()
        else:
            self._move(RoomEvent.MEMBER_GONE)
            self._append_event(kind or self.policy.gone, member.number)
            self._registry.leave(member.number)

    def check_place(self) -> None:
        """Pass if there is a place for one more.

        Raises:
            RoomFullError: otherwise.
        """
        if len(self._members) >= self.policy.capacity:
            raise RoomFullError

    def check_open(self) -> None:
        """Pass if the room may be written to.

        Raises:
            ChatClosedError: otherwise, if it is a talk between two.
            RoomClosedError: otherwise.
        """
        if self._state is not RoomState.OPEN:
            raise RoomClosedError if self.policy.life is ROOM_LIFE else ChatClosedError

    def check_pace(self, member: Member, now_s: float) -> None:
        """Pass if a member of a slow room has been quiet for long enough.

        Raises:
            RateLimitedError: otherwise.
        """
        wait_s = member.quiet_until_s - now_s
        if wait_s > ROUNDING:
            raise RateLimitedError(math.ceil(wait_s - ROUNDING))

    def _seat_pair(
        self, first: tuple[PublicIdentity, ChatId], second: tuple[PublicIdentity, ChatId]
    ) -> tuple[Member, Member]:
        """Seat the first two who were introduced; one event tells it."""
        pair = self._seat(1, *first), self._seat(2, *second)
        self._append_event(Kind.MET, 1, 2)
        return pair

    def _seat(self, number: int, identity: PublicIdentity, chat_id: ChatId) -> Member:
        here = self.log.last_seq
        member = Member(number, identity, chat_id, joined_seq=here, seen_seq=here)
        self._members[number] = member
        self.keys.epochs.came(number, identity.public_key)
        return member

    def _append_event(self, kind: Kind, number: int, about: int = 0) -> None:
        entry, dropped = self.log.append(kind, number, about)
        self._keep(entry, dropped)
        self._publish(OpenEntry(entry.seq, kind, number, about))

    def _publish(self, entry: OpenEntry) -> None:
        names, only_for = self.names_in([entry]), self.only_for(entry)
        hidden_from = frozenset(n for n in self._muters if self._members[n].hides(entry))
        self._outbox.append(Publication(self.id, entry, names, only_for, hidden_from))

    def _keep(self, entry: Entry, dropped: list[Entry]) -> None:
        """Count what an entry holds on to, and those that made room for it held."""
        self._registry.hold(entry)
        for old in dropped:
            self._release(old)

    def _release(self, entry: Entry) -> None:
        self._registry.release(entry)
        self.keys.epochs.release(entry.epoch)

    def _move(self, event: RoomEvent) -> None:
        self._state = self.policy.life[self._state][event]
