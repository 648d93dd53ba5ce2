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
no messages. There may therefore be gaps between the entries that are kept.

Rules of this file
==================

1. No I/O, no clock, no `await`. The caller reports what happened; the log answers queries.
2. Sealed bytes are opaque here: the log has no key and no plaintext.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile

from server.core.errors import BadCursorError, MessageTooLongError
from server.core.limits import RING_BYTES, RING_EVENTS, RING_MESSAGES


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

    KNOCKED = "knocked"
    """A visitor waits to be admitted; shown to the opener only."""

    OPENER = "opener"
    """This member became the opener."""

    CLOSED = "closed"
    """The opener closed the room."""

    SIDE_CHAT_REQUEST = "side-chat-request"
    """A member asks another for a side chat; `about` is that member, the only one to see it."""

    DISCONNECTED = "disconnected"
    """The connection of a member broke; their place is kept."""

    REMATCH = "rematch"
    """A member of a pair asks for a rematch, in case the connection breaks."""

    ABSENT = "absent"
    """A member never opened the conversation."""


MESSAGE_KINDS = frozenset({Kind.MESSAGE, Kind.ERASED})
"""Messages and deleted messages; every other kind is an event."""

SHOWN_TO_ONE = frozenset({Kind.KNOCKED, Kind.SIDE_CHAT_REQUEST})
"""Kinds that are shown to one member only."""

HIDDEN_IF_MUTED = frozenset({Kind.MESSAGE, Kind.ERASED, Kind.SIDE_CHAT_REQUEST})
"""Kinds that are hidden if the sender is muted. Joins, departures and deletions are shown: a
deleted message may have been on the screen before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry and its position in the log."""

    seq: int
    """Position in the conversation, counted from 1. Never reused, never reordered."""

    kind: Kind
    sender: int
    """Number of the member that it comes from or concerns, counted from 1."""

    about: int = 0
    """For some events: a second number, see `Kind`."""

    epoch: int = 0
    """For a message: the epoch whose key sealed it."""

    sealed: bytes = b""
    """For a message: the text and its mentions, sealed for this position."""


@dataclass(frozen=True, slots=True)
class Page:
    """The result of one read."""

    entries: tuple[Entry, ...]
    """Oldest first; empty when the reader is up to date."""

    cursor: int
    """Pass this to the next `read`."""

    missed_count: int
    """Entries up to the cursor that were dropped before this reader read them."""


class RoomLog:
    """The newest entries of a conversation, for one writer at a time and any number of readers.

    Args:
        max_messages: most messages kept. At least 1.
        max_events: most events kept. At least 1.
        max_bytes: most sealed bytes kept, summed over all messages. At least 1.
    """

    __slots__ = (
        "_bounds",
        "_events",
        "_kept",
        "_kept_bytes",
        "_last_seq",
        "_max_bytes",
        "_messages",
    )

    def __init__(
        self,
        *,
        max_messages: int = RING_MESSAGES,
        max_events: int = RING_EVENTS,
        max_bytes: int = RING_BYTES,
    ) -> None:
        if max_messages < 1 or max_events < 1 or max_bytes < 1:
            raise ValueError("a log must be able to hold at least one entry of one byte")
        self._max_bytes = max_bytes
        self._kept: dict[int, Entry] = {}
        """By `seq`, in ascending order."""

        self._kept_bytes = 0
        self._messages: deque[int] = deque()
        self._events: deque[int] = deque()
        self._bounds = ((self._messages, max_messages), (self._events, max_events))
        self._last_seq = 0

    @property
    def last_seq(self) -> int:
        """The `seq` of the newest entry, or 0: the cursor of a reader who has just joined."""
        return self._last_seq

    def append(
        self, kind: Kind, sender: int, about: int = 0, *, epoch: int = 0, sealed: bytes = b""
    ) -> tuple[Entry, list[Entry]]:
        """Append an entry. See `Entry` for the arguments.

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
        self._kept_bytes += len(sealed)
        (self._messages if kind in MESSAGE_KINDS else self._events).append(entry.seq)
        dropped = [self._drop(seqs) for seqs, most in self._bounds if len(seqs) > most]
        while self._kept_bytes > self._max_bytes:
            dropped.append(self._drop(self._messages))
        return entry, dropped

    def get(self, seq: int) -> Entry | None:
        """Return the entry with this `seq`, or `None` if it is not kept."""
        return self._kept.get(seq)

    def erase(self, seq: int) -> None:
        """Delete a message's content; only its position and its sender remain.

        Raises:
            ValueError: if it is not kept.
        """
        entry = self._kept.get(seq)
        if entry is None:
            raise ValueError("there is no such entry")
        self._kept[seq] = Entry(seq, Kind.ERASED, entry.sender)
        self._kept_bytes -= len(entry.sealed)

    def drop_epochs(self, last: int) -> list[Entry]:
        """Drop the oldest messages, up to and including those of the epoch `last`.

        Returns:
            The dropped entries.
        """
        dropped = []
        while self._messages and self._kept[self._messages[0]].epoch <= last:
            dropped.append(self._drop(self._messages))
        return dropped

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
        self._kept_bytes = 0
        self._messages.clear()
        self._events.clear()

    def _drop(self, seqs: deque[int]) -> Entry:
        entry = self._kept.pop(seqs.popleft())
        self._kept_bytes -= len(entry.sealed)
        return entry
