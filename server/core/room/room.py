"""One conversation: its members, their names, its log, and what they may do.

A pair is a room with two places and another policy (see `policy.py`).

Only the name of a former member is kept, for as long as an entry that mentions them is kept (see
`name_registry.py`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Set
from itertools import islice

from server.core.arrivals import new_arrivals
from server.core.crypto.epochs import EpochChange
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
from server.core.ids import ChatId, CircuitKey, PublicIdentity, RoomId, new_nonce
from server.core.limits import MAX_SIDE_CHAT_REQUESTS, MAX_WRITERS, RING_ENTRIES, WRITER_ENTRIES
from server.core.ratelimit import ROUNDING

from .keys import RoomKeys
from .lifecycle import PAIR_LIFE, ROOM_LIFE, RoomEvent, RoomState
from .log import Entry, Kind, RoomLog
from .member import Member
from .mentions import SIGN, find_mentions
from .message import Message, OpenEntry
from .name_registry import NameRegistry, named_in
from .names import Name
from .pace import RoomPace, message_cells
from .policy import PAIR, Policy
from .publication import Outbox, Publication
from .requests import Request, RequestKind


class Room:
    """The members of a conversation and their messages.

    Args:
        policy: its fixed settings; by default those of a pair.
        outbox: takes its new entries, to be published when the change is complete.
    """

    __slots__ = (
        *("_members", "_muters", "_outbox", "_registry", "_state"),
        *("arrivals", "keys", "log", "nonce", "pace", "policy"),
    )

    def __init__(self, policy: Policy = PAIR, outbox: Outbox | None = None) -> None:
        self.policy = policy
        self.log = RoomLog()
        self.pace = RoomPace() if policy.life is ROOM_LIFE else None
        """How fast its members may write in all; two who talk have their own limits only."""

        self.arrivals = new_arrivals() if policy.life is ROOM_LIFE else None
        """How often it may be joined; nobody joins two who talk."""

        self.keys = RoomKeys(policy.renewal_s)
        self.nonce = new_nonce()
        """CSP nonce shared by all readers, so that entries can be rendered once for all of them."""

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
        """Its current state."""
        return self._state

    @property
    def members(self) -> tuple[Member, ...]:
        """The present members, in the order of joining."""
        return tuple(self._members.values())

    @property
    def is_pair(self) -> bool:
        """Whether it is a pair: two members, closed when one of them leaves."""
        return self.policy.life is PAIR_LIFE

    @property
    def names(self) -> Mapping[int, str]:
        """Names by member number, including former members that an entry still mentions."""
        return self._registry.render()

    def name(self, number: int) -> str:
        """Return the name of a present or former member as text; empty if no longer kept."""
        return self._registry.render([number])[number]

    def name_record(self, number: int) -> Name | None:
        """Return the stored name of a member number, or `None` if it is not kept any more."""
        return self._registry.get(number)

    def names_in(self, entries: Collection[Entry | OpenEntry]) -> Mapping[int, str]:
        """Return the names that are shown with these entries, by member number."""
        return self._registry.render({number for entry in entries for number in named_in(entry)})

    @property
    def head_count(self) -> int:
        """The number of present members."""
        return len(self._members)

    def join(self, identity: PublicIdentity, chat_id: ChatId) -> Member:
        """Add a member, draw their name, and append the event.

        Raises:
            RoomFullError: if the room has no free place.
        """
        self.check_capacity()
        member = self._seat(self._registry.register(), identity, chat_id)
        self._append_event(Kind.JOINED, member.number)
        return member

    def join_pair(
        self, first: tuple[PublicIdentity, ChatId], second: tuple[PublicIdentity, ChatId]
    ) -> tuple[Member, Member]:
        """Add two members at the same moment, with one event that both see."""
        self._registry.register()
        self._registry.register()
        return self._seat_pair(first, second)

    def post(self, member: Member, keyring: Keyring, text: str, now_s: float) -> None:
        """Post a message. The caller has cleaned the text and checked that it may be posted.

        Raises:
            SealError: if a key change is due first, see `Epochs.begin`.
        """
        message = Message(text, find_mentions(text, self.names) if SIGN in text else ())
        epoch, sealed = self.keys.seal(self.log.last_seq + 1, member.number, keyring, message)
        member.slow_until_s = now_s + self.policy.slow_s
        member.disconnect_announced = False
        self.keys.epochs.hold(epoch)
        if self.pace is not None:
            self.pace.charge(member.speaker, message_cells(text), now_s)
        before = self.log.get(self.log.last_seq)
        entry, dropped = self.log.append(
            Kind.MESSAGE, member.number, epoch=epoch, sealed=sealed, speaker=member.speaker
        )
        self._hold(entry, dropped)
        continues = before is not None and entry.continues(before)
        self._publish(
            OpenEntry(entry.seq, entry.kind, entry.sender, message=message, continues=continues)
        )

    def rekey(self, change: EpochChange, now_s: float) -> None:
        """Make a new epoch the current one; see `Epochs.commit`.

        If too many boxes are kept, the oldest epochs are dropped together with their messages.
        """
        epochs = self.keys.epochs
        epochs.commit(change, now_s)
        while (last := epochs.excess_epoch()) is not None:
            for old in self.log.drop_epochs(last):
                self._release(old)
            epochs.drop_epochs(last)

    def own_messages(self, member: Member, limit: int) -> list[Entry]:
        """Return the kept messages of a member, newest first, up to `limit`."""
        page = self.log.read(member.joined_seq, limit=RING_ENTRIES)
        own = [e for e in page.entries if e.kind is Kind.MESSAGE and e.sender == member.number]
        return own[::-1][:limit]

    def recent_writers(self, member: Member) -> Mapping[int, str]:
        """Return the names of the others who wrote last and are still here, by number.

        The newest first, up to `MAX_WRITERS`, as far as this member sees their messages.
        """
        writers: dict[int, None] = {}
        for entry in islice(self.log.newest_first(), WRITER_ENTRIES):
            if entry.seq <= member.joined_seq or len(writers) == MAX_WRITERS:
                break
            is_other = entry.sender != member.number and entry.sender in self._members
            if entry.kind is Kind.MESSAGE and is_other and self.is_shown(entry, member):
                writers[entry.sender] = None
        return self._registry.render(writers)

    def delete(self, member: Member, seq: int) -> None:
        """Delete a member's own message: erase its content and append the event.

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
        """Toggle whether a member sees the messages of another one.

        Raises:
            MemberUnknownError: if the member knows nobody else with that number here.
        """
        if number == member.number or number not in self.known_to(member):
            raise MemberUnknownError
        # A number whose name is no longer kept need not stay muted; this bounds the set.
        member.muted &= self._registry.known
        member.muted ^= {number}
        if member.muted:
            self._muters.add(member.number)
        else:
            self._muters.discard(member.number)

    def is_shown(self, entry: Entry | OpenEntry, member: Member) -> bool:
        """Whether a member may read an entry."""
        return not member.hides(entry)

    def known_to(self, member: Member) -> Set[int]:
        """Return the numbers of present members, and of those that a member has seen in the log."""
        entries = self.log.read(member.joined_seq, limit=RING_ENTRIES).entries
        seen = {number for entry in entries for number in named_in(entry)}
        return seen | self._members.keys()

    def request_side_chat(self, member: Member, number: int) -> bool:
        """Record that a member asks another for a side chat. Asking again changes nothing.

        The request is kept in the record of the other one. If they have muted the member it is
        kept all the same, and hidden from them: nobody can find out by asking.

        Returns:
            Whether the request is new.

        Raises:
            NoSideChatsError: if this room does not allow side chats.
            RoomClosedError: if the room is closed.
            MemberUnknownError: if no other present member has that number.
        """
        if not self.policy.has_side_chats:
            raise NoSideChatsError
        self.check_open()
        other = self._members.get(number)
        if other is None or other is member:
            raise MemberUnknownError
        if number in member.side_chat_requests:
            return False
        member.side_chat_requests[number] = None
        other.add_request(member.number, Request(RequestKind.SIDE_CHAT, self.log.last_seq))
        if len(member.side_chat_requests) > MAX_SIDE_CHAT_REQUESTS:
            self._withdraw(member, next(iter(member.side_chat_requests)))
        return True

    def settle_side_chat(self, one: Member, other: Member) -> None:
        """Drop the requests of two members to each other: their side chat begins."""
        self._withdraw(one, other.number)
        self._withdraw(other, one.number)

    def _withdraw(self, member: Member, number: int) -> None:
        """Drop the request of a member to another one, if there is one."""
        if number in member.side_chat_requests:
            del member.side_chat_requests[number]
            if number in self._members:
                self._members[number].requests.pop(member.number, None)

    def announce_disconnect(self, member: Member) -> None:
        """Announce that a member's connection broke; once, until the member posts again."""
        if not member.disconnect_announced and self._state is RoomState.OPEN:
            member.disconnect_announced = True
            self._append_event(Kind.DISCONNECTED, member.number)

    def announce_restart(self, minutes: int) -> None:
        """Announce that the server restarts in so many minutes at the latest."""
        self._append_event(Kind.RESTART, 0, minutes)

    def announce_no_restart(self) -> None:
        """Announce that the server does not restart after all."""
        self._append_event(Kind.NO_RESTART, 0)

    @property
    def is_talk(self) -> bool:
        """Whether people can talk with each other in it: it is open, and nobody is alone."""
        return self._state is RoomState.OPEN and len(self._members) > 1

    def announce_rematch(self, member: Member) -> None:
        """Announce that a member asks for a rematch."""
        self._append_event(Kind.REMATCH, member.number)

    def leave(self, member: Member, kind: Kind | None = None) -> None:
        """Remove a member and append the event; with the last member, delete everything.

        Args:
            member: one of `members`.
            kind: kind of the event, such as `Kind.ABSENT`; by default `Policy.departure_kind`.
        """
        for number in list(member.side_chat_requests):
            self._withdraw(member, number)
        del self._members[member.number]
        self._muters.discard(member.number)
        self.keys.epochs.remove_member(member.number)
        if not self._members:
            self._transition(RoomEvent.LAST_GONE)
            self.keys.epochs.clear()
            self._registry.clear()
            self.log.shred()
        else:
            self._transition(RoomEvent.MEMBER_GONE)
            self._append_event(kind or self.policy.departure_kind, member.number)
            self._registry.leave(member.number)

    def check_capacity(self) -> None:
        """Check that one more member fits.

        Raises:
            RoomFullError: otherwise.
        """
        if len(self._members) >= self.policy.capacity:
            raise RoomFullError

    def check_arrival(self, circuit: CircuitKey | None, now_s: float) -> None:
        """Check that somebody may join through this circuit now.

        Raises:
            RateLimitedError: if it is joined too often, see `core/arrivals.py`.
        """
        if self.arrivals is not None:
            self.arrivals.check(circuit, now_s)

    def count_arrival(self, circuit: CircuitKey | None, now_s: float) -> None:
        """Count a join, or what costs the members as much.

        Raises:
            RateLimitedError: as `check_arrival`; nothing is counted then.
        """
        if self.arrivals is not None:
            self.arrivals.take(circuit, now_s)

    def check_open(self) -> None:
        """Check that members can write.

        Raises:
            ChatClosedError: otherwise, if it is a pair or a side chat.
            RoomClosedError: otherwise.
        """
        if self._state is not RoomState.OPEN:
            raise RoomClosedError if self.policy.life is ROOM_LIFE else ChatClosedError

    def check_pace(self, member: Member, now_s: float) -> None:
        """Check that a member of a slow room may post again.

        Raises:
            RateLimitedError: otherwise.
        """
        wait_s = member.slow_until_s - now_s
        if wait_s > ROUNDING:
            raise RateLimitedError(math.ceil(wait_s - ROUNDING))

    def check_share(
        self, member: Member, circuit: CircuitKey | None, text: str, now_s: float
    ) -> None:
        """Check that a member's share of the room's pace allows another message.

        Args:
            member: who wants to post.
            circuit: the one that they post through; `None` where circuits are not known.
            text: the message, cleaned or not: only its length counts.
            now_s: monotonic seconds.

        Raises:
            RateLimitedError: if the room is busy and the share is used up.
        """
        if self.pace is not None:
            member.speaker = self.pace.speaker_of(member.speaker, circuit, now_s)
            is_settled = member.has_share or member.joined_s is None
            present_s = math.inf if is_settled else now_s - (member.joined_s or 0.0)
            try:
                self.pace.check(member.speaker, message_cells(text), present_s, now_s)
            finally:
                # A newcomer begins with an empty share once, not again when it has filled.
                member.has_share |= self.pace.is_counted(member.speaker)

    @property
    def size_bytes(self) -> int:
        """The memory that its log takes, about."""
        return self.log.size_bytes

    def give_way(self) -> None:
        """Drop one message of the log, because all logs together take too much memory."""
        for old in self.log.give_way():
            self._release(old)

    def _seat_pair(
        self, first: tuple[PublicIdentity, ChatId], second: tuple[PublicIdentity, ChatId]
    ) -> tuple[Member, Member]:
        """Add the members 1 and 2, whose names are registered, with one event for both."""
        pair = self._seat(1, *first), self._seat(2, *second)
        self._append_event(Kind.MET, 1, 2)
        return pair

    def _seat(self, number: int, identity: PublicIdentity, chat_id: ChatId) -> Member:
        last_seq = self.log.last_seq
        member = Member(
            number, identity, chat_id, joined_seq=last_seq, speaker=number, seen_seq=last_seq
        )
        self._members[number] = member
        self.keys.epochs.add_member(number, identity.public_key)
        return member

    def _append_event(self, kind: Kind, number: int, about: int = 0) -> None:
        entry, dropped = self.log.append(kind, number, about)
        self._hold(entry, dropped)
        if self.pace is not None:
            self.pace.add_backlog(1)
        self._publish(OpenEntry(entry.seq, kind, number, about))

    def _publish(self, entry: OpenEntry) -> None:
        hidden_from = frozenset(n for n in self._muters if self._members[n].hides(entry))
        self._outbox.append(Publication(self.id, entry, self.names_in([entry]), hidden_from))

    def _hold(self, entry: Entry, dropped: list[Entry]) -> None:
        """Add the references of a new entry, and drop those of the entries it evicted."""
        self._registry.hold(entry)
        for old in dropped:
            self._release(old)

    def _release(self, entry: Entry) -> None:
        self._registry.release(entry)
        self.keys.epochs.release(entry.epoch)

    def _transition(self, event: RoomEvent) -> None:
        self._state = self.policy.life[self._state][event]
