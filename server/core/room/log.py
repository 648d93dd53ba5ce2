"""The log of one conversation: a bounded ring buffer of entries, read by cursor.

Theory of operation
===================

A conversation keeps one copy of each entry, however many members it has. The log keeps no state
per reader. A reader has a *cursor*, the `seq` of the last entry it has seen, and stores it itself
(in the page that it was last sent). A read returns the entries after the cursor.

All page modes therefore use one code path, and none of them can make the log use more memory: a
reader that falls behind loses entries and learns how many (`Page.missed_count`).

    seq     1   2   3   4   5   6   7
            .   .  [3   .   5   6   7]      entries kept: bounded (see `RoomLog`)
                ^                   ^
            cursor 2: missed 1   cursor 7: up to date

Messages and events have separate bounds, so that many joins and departures evict each other and
no messages.

Each message takes the share of a *speaker*. When there are too many messages, the speaker with the
most of them loses their oldest one; when the messages are too long, the speaker with the most
bytes. So whoever floods a conversation pushes out their own words first. By that rule alone, the
single words of hundreds of former speakers would fill the ring of a busy room for ever, and push
out what is said now. So a message is dropped when `RING_HORIZON` others were posted after it.

There may therefore be gaps between the entries that are kept. A read counts them where they are:
`Page.missed_count` is exact for the part of the log that the page covers.

Rules of this file
==================

1. No I/O, no clock, no `await`. The caller reports what happened; the log answers queries.
2. Sealed bytes are opaque here: the log has no key and no plaintext.
3. No entry is for one member alone: a gap in the numbers would tell all others that there was one.
   What is for one member is a request (`requests.py`), which has no number.
4. A speaker is a number that the caller gives. The log knows no circuit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import takewhile

from server.core.errors import BadCursorError, MessageTooLongError
from server.core.limits import (
    ENTRY_BYTES,
    RING_BYTES,
    RING_EVENTS,
    RING_HORIZON,
    RING_MESSAGES,
)


class Kind(Enum):
    """The kind of an entry."""

    MESSAGE = "message"
    """A member's message, sealed."""

    ERASED = "erased"
    """The position of a message that its author deleted."""

    DELETED = "deleted"
    """A member deleted a message; `about` is the `seq` of that message."""

    MET = "met"
    """Two members joined at the same moment; `about` is the number of the second."""

    JOINED = "joined"
    """A member joined."""

    LEFT_PAIR = "left-pair"
    """One member of a pair left, or expired after a long silence."""

    LEFT_ROOM = "left-room"
    """A member left a room, which stays open, or a side chat."""

    REMOVED = "removed"
    """The opener removed a member from the room."""

    OPENER = "opener"
    """This member became the opener."""

    CLOSED = "closed"
    """The opener closed the room."""

    DISCONNECTED = "disconnected"
    """The connection of a member broke; their place is kept."""

    REMATCH = "rematch"
    """A member of a pair asks for a rematch, in case the connection breaks."""

    ABSENT = "absent"
    """A member never opened the conversation."""

    RESTART = "restart"
    """The server restarts; `about` is in how many minutes at the latest."""

    NO_RESTART = "no-restart"
    """The server does not restart after all."""


MESSAGE_KINDS = frozenset({Kind.MESSAGE, Kind.ERASED})
"""Messages and deleted messages; every other kind is an event."""

OF_SERVER = frozenset({Kind.RESTART, Kind.NO_RESTART})
"""Events that come from no member: their sender is 0, which is nobody's number."""

HIDDEN_IF_MUTED = frozenset({Kind.MESSAGE, Kind.ERASED})
"""Kinds that are hidden if the sender is muted. Joins, departures and deletions are shown: a
deleted message may have been on the screen before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry and its position in the log."""

    seq: int
    """Position in the conversation, counted from 1. Never reused, never reordered."""

    kind: Kind
    sender: int
    """Number of the member that it comes from or concerns, counted from 1; 0 for `OF_SERVER`."""

    about: int = 0
    """For some events: a second number, see `Kind`."""

    epoch: int = 0
    """For a message: the epoch whose key sealed it."""

    sealed: bytes = b""
    """For a message: the text and its mentions, sealed for this position."""

    def continues(self, before: Entry) -> bool:
        """Check whether both are messages of one sender, and nothing stands between them."""
        return (
            self.kind is before.kind is Kind.MESSAGE
            and self.sender == before.sender
            and self.seq == before.seq + 1
        )


@dataclass(frozen=True, slots=True)
class Page:
    """The result of one read."""

    entries: tuple[Entry, ...]
    """Oldest first; empty when the reader is up to date."""

    cursor: int
    """Pass this to the next `read`."""

    missed_count: int
    """Entries up to the cursor that were dropped before this reader read them."""


@dataclass(slots=True)
class _Kept:
    """What the log notes of a message, beside the entry."""

    speaker: int
    ordinal: int
    """How many messages were appended up to this one."""


@dataclass(slots=True)
class _Holding:
    """The messages of one speaker that are kept."""

    seqs: deque[int] = field(default_factory=deque)
    """Oldest first. Never empty while the log keeps it."""

    sealed_bytes: int = 0


class RoomLog:
    """The newest entries of a conversation, for one writer at a time and any number of readers.

    Args:
        max_messages: most messages kept. At least 1.
        max_events: most events kept. At least 1.
        max_bytes: most sealed bytes kept, summed over all messages. At least 1.
        horizon: a message is dropped when so many others were posted after it. At least 1.
    """

    __slots__ = (
        "_events",
        "_holdings",
        "_horizon",
        "_kept",
        "_last_seq",
        "_max_bytes",
        "_max_events",
        "_max_messages",
        "_messages",
        "_posted",
        "_sealed_bytes",
    )

    def __init__(
        self,
        *,
        max_messages: int = RING_MESSAGES,
        max_events: int = RING_EVENTS,
        max_bytes: int = RING_BYTES,
        horizon: int = RING_HORIZON,
    ) -> None:
        if min(max_messages, max_events, max_bytes, horizon) < 1:
            raise ValueError("a log must be able to hold at least one entry of one byte")
        self._max_messages = max_messages
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._horizon = horizon
        self._kept: dict[int, Entry] = {}
        """By `seq`, in ascending order."""

        self._messages: dict[int, _Kept] = {}
        """The messages among them, in the same order."""

        self._holdings: dict[int, _Holding] = {}
        """By speaker."""

        self._events: deque[int] = deque()
        self._sealed_bytes = 0
        self._posted = 0
        """How many messages were ever appended."""

        self._last_seq = 0

    @property
    def last_seq(self) -> int:
        """The `seq` of the newest entry, or 0: the cursor of a reader who has just joined."""
        return self._last_seq

    @property
    def size_bytes(self) -> int:
        """The memory that its entries take, about: the sealed bytes, and `ENTRY_BYTES` for each."""
        return self._sealed_bytes + ENTRY_BYTES * len(self._kept)

    def append(
        self,
        kind: Kind,
        sender: int,
        about: int = 0,
        *,
        epoch: int = 0,
        sealed: bytes = b"",
        speaker: int | None = None,
    ) -> tuple[Entry, list[Entry]]:
        """Append an entry. See `Entry` for the arguments.

        Args:
            kind: see `Entry`.
            sender: see `Entry`.
            about: see `Entry`.
            epoch: see `Entry`.
            sealed: see `Entry`.
            speaker: for a message: the member number whose share of the log it takes; by default
                the sender's own.

        Returns:
            The new entry, and the entries that were dropped for it.

        Raises:
            MessageTooLongError: if `sealed` alone is over `max_bytes`.
        """
        if len(sealed) > self._max_bytes:
            raise MessageTooLongError
        self._last_seq += 1
        entry = Entry(self._last_seq, kind, sender, about, epoch, sealed)
        self._kept[entry.seq] = entry
        if kind in MESSAGE_KINDS:
            self._note_message(entry, sender if speaker is None else speaker)
            return entry, self._drop_excess()
        self._events.append(entry.seq)
        too_many = len(self._events) > self._max_events
        return entry, [self._kept.pop(self._events.popleft())] if too_many else []

    def get(self, seq: int) -> Entry | None:
        """Return the entry with this `seq`, or `None` if it is not kept."""
        return self._kept.get(seq)

    def newest_first(self) -> Iterator[Entry]:
        """Yield the kept entries, the newest first."""
        return (self._kept[seq] for seq in reversed(self._kept))

    def erase(self, seq: int) -> None:
        """Delete a message's content; only its position and its sender remain.

        Raises:
            ValueError: if it is not kept.
        """
        entry = self._kept.get(seq)
        if entry is None:
            raise ValueError("there is no such entry")
        self._kept[seq] = Entry(seq, Kind.ERASED, entry.sender)
        self._sealed_bytes -= len(entry.sealed)
        self._holdings[self._messages[seq].speaker].sealed_bytes -= len(entry.sealed)

    def drop_epochs(self, last: int) -> list[Entry]:
        """Drop the oldest messages, up to and including those of the epoch `last`.

        Returns:
            The dropped entries.
        """
        dropped = []
        while self._messages and self._kept[self._oldest()].epoch <= last:
            dropped.append(self._drop(self._oldest()))
        return dropped

    def give_way(self) -> list[Entry]:
        """Drop one message, by the rule for too many bytes; without messages, the oldest event.

        Returns:
            The dropped entry; none if the log is empty.
        """
        if self._messages:
            return [self._drop(self._next_to_drop(_bytes_of))]
        return [self._kept.pop(self._events.popleft())] if self._events else []

    def read(self, after: int, *, limit: int, until: int | None = None) -> Page:
        """Return up to `limit` entries after the cursor `after`.

        Args:
            after: the cursor.
            limit: at least 1.
            until: the `seq` of the last entry to return; by default the newest.

        Raises:
            BadCursorError: if this log has never reached the position `after`.
        """
        if not 0 <= after <= self._last_seq:
            raise BadCursorError
        # Backwards from the newest entry, because most readers are nearly up to date.
        last = self._last_seq if until is None else min(until, self._last_seq)
        later = takewhile(lambda seq: seq > after, reversed(self._kept))
        unread = [seq for seq in later if seq <= last]
        entries = tuple(self._kept[seq] for seq in reversed(unread[-limit:]))
        cursor = entries[-1].seq if len(entries) < len(unread) else max(last, after)
        return Page(entries, cursor, missed_count=cursor - after - len(entries))

    def shred(self) -> None:
        """Drop every entry. Idempotent."""
        self._kept.clear()
        self._sealed_bytes = 0
        self._messages.clear()
        self._holdings.clear()
        self._events.clear()

    def _note_message(self, entry: Entry, speaker: int) -> None:
        self._posted += 1
        self._sealed_bytes += len(entry.sealed)
        self._messages[entry.seq] = _Kept(speaker, self._posted)
        holding = self._holdings.setdefault(speaker, _Holding())
        holding.seqs.append(entry.seq)
        holding.sealed_bytes += len(entry.sealed)

    def _drop_excess(self) -> list[Entry]:
        """Drop what is too much after a message was appended; never that message itself."""
        dropped = []
        while self._posted - self._messages[self._oldest()].ordinal >= self._horizon:
            dropped.append(self._drop(self._oldest()))
        while len(self._messages) > self._max_messages:
            dropped.append(self._drop(self._next_to_drop(_count_of)))
        while self._sealed_bytes > self._max_bytes:
            dropped.append(self._drop(self._next_to_drop(_bytes_of)))
        return dropped

    def _next_to_drop(self, size: Callable[[_Holding], int]) -> int:
        """Choose the message that is dropped next; the newest only if it is the only one.

        A speaker whose only message is the newest one is passed over. Among equal speakers, the
        one with the oldest message loses it.
        """
        first_seqs = ((size(held), -held.seqs[0]) for held in self._holdings.values())
        others = (found for found in first_seqs if found[1] != -self._last_seq)
        return -max(others, default=(0, -self._oldest()))[1]

    def _oldest(self) -> int:
        return next(iter(self._messages))

    def _drop(self, seq: int) -> Entry:
        """Drop a message: the oldest of its speaker."""
        entry, speaker = self._kept.pop(seq), self._messages.pop(seq).speaker
        holding = self._holdings[speaker]
        holding.seqs.popleft()
        holding.sealed_bytes -= len(entry.sealed)
        if not holding.seqs:
            del self._holdings[speaker]
        self._sealed_bytes -= len(entry.sealed)
        return entry


def _count_of(holding: _Holding) -> int:
    return len(holding.seqs)


def _bytes_of(holding: _Holding) -> int:
    return holding.sealed_bytes
