"""The log of one conversation: a bounded ring of entries, read by cursor.

Theory of operation
===================

A conversation keeps one copy of each entry, however many people are in it. A reader is not an
object here: a reader is a *cursor*, the `seq` of the last entry it has seen, held by the reader
itself (in the page it was last sent). To read is to ask for what came after the cursor.

So all page modes are one code path. None of them can make the log hold more memory: a reader
that falls behind loses entries and is told how many (`Page.missed`).

    seq     1   2   3   4   5   6   7
            .   .  [3   .   5   6   7]      what is kept: bounded (see `RoomLog`)
                ^                   ^
            cursor 2: missed 1   cursor 7: up to date

Words and events are bounded apart, so that a crowd that comes and goes pushes out its own comings
and goings, and not what was said. There may therefore be gaps between the entries that are kept.

Rules of this file
==================

1. No I/O, no clock, no `await`. The caller says what happened; the log says what is so.
2. What is sealed is opaque bytes here: the log has no key, and nothing that was said in the clear.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile

from server.core.errors import BadCursorError, MessageTooLongError
from server.core.limits import RING_BYTES, RING_EVENTS, RING_MESSAGES


class Kind(Enum):
    """What an entry is."""

    MESSAGE = "message"
    """Words of a member, sealed."""

    ERASED = "erased"
    """Where a message stood whose writer took it back."""

    DELETED = "deleted"
    """A member took a message back; it is about the `seq` of that."""

    MET = "met"
    """Two came at the same moment; it is about the number of the second."""

    JOINED = "joined"
    """A member came."""

    LEFT = "left"
    """One of two left, or was forgotten after a long silence."""

    WENT = "went"
    """A member left a room that goes on without them, or a private talk."""

    REMOVED = "removed"
    """A member was sent out of a room by its opener."""

    KNOCKED = "knocked"
    """Somebody waits to be let in; for the opener's eyes."""

    OPENER = "opener"
    """The room is this member's now."""

    CLOSED = "closed"
    """A member closed the room."""

    ASKED = "asked"
    """A member asks another for a private talk; for that one's eyes. It is about their number."""

    QUIET = "quiet"
    """The line of a partner has broken off, and their place is kept."""

    AGAIN = "again"
    """One of a pair would like to be found again if the line breaks."""

    ABSENT = "absent"
    """A member never opened the conversation."""


WORDS = frozenset({Kind.MESSAGE, Kind.ERASED})
"""What was said, and the places of what was; everything else is an event."""

FOR_ONE = frozenset({Kind.KNOCKED, Kind.ASKED})
"""What is for the eyes of one member."""

NOT_READ = frozenset({Kind.MESSAGE, Kind.ERASED, Kind.ASKED})
"""What is hidden of a member whom the reader has muted. Their coming and going is shown, and that
they deleted a message: it may have been on the screen before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry and its place in the log."""

    seq: int
    """Position in the conversation, counted from 1. Never reused, never reordered."""

    kind: Kind
    """What it is."""

    sender: int
    """Number of the member whom it is from or about, counted from 1."""

    about: int = 0
    """Of some events: a number that they speak of beside the sender, see `Kind`."""

    epoch: int = 0
    """Of a message: which key it was sealed under."""

    sealed: bytes = b""
    """Of a message: what was said, sealed for this very place."""


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to one read."""

    entries: tuple[Entry, ...]
    """Oldest first; empty when the reader is up to date."""

    cursor: int
    """Pass this to the next `read`."""

    missed: int
    """Entries up to the cursor that were dropped before this reader asked for them."""


class RoomLog:
    """The newest entries of a conversation, for one writer at a time and any number of readers.

    Args:
        max_messages: most messages kept. At least 1.
        max_events: most other entries kept. At least 1.
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
            raise ValueError("a log must be able to hold one entry of one byte")
        self._max_bytes = max_bytes
        self._kept: dict[int, Entry] = {}
        """By `seq`, in its order."""
        self._kept_bytes = 0
        self._messages: deque[int] = deque()
        self._events: deque[int] = deque()
        self._bounds = ((self._messages, max_messages), (self._events, max_events))
        self._last_seq = 0

    @property
    def last_seq(self) -> int:
        """The `seq` of the newest entry, or 0. The cursor of a reader who has just come in."""
        return self._last_seq

    def append(
        self, kind: Kind, sender: int, about: int = 0, *, epoch: int = 0, sealed: bytes = b""
    ) -> tuple[Entry, list[Entry]]:
        """Add an entry at the end. See `Entry` for what it is made of.

        Returns:
            The new entry, and those that had to make room for it.

        Raises:
            MessageTooLongError: if `sealed` alone is over `max_bytes`.
        """
        if len(sealed) > self._max_bytes:
            raise MessageTooLongError
        self._last_seq += 1
        entry = Entry(self._last_seq, kind, sender, about, epoch, sealed)
        self._kept[entry.seq] = entry
        self._kept_bytes += len(sealed)
        (self._messages if kind in WORDS else self._events).append(entry.seq)
        dropped = [self._drop(seqs) for seqs, most in self._bounds if len(seqs) > most]
        while self._kept_bytes > self._max_bytes:
            dropped.append(self._drop(self._messages))
        return entry, dropped

    def get(self, seq: int) -> Entry | None:
        """The entry at this place, while it is kept."""
        return self._kept.get(seq)

    def erase(self, seq: int) -> None:
        """Leave nothing of a message but its place and whose it was.

        Raises:
            ValueError: if it is not kept.
        """
        entry = self._kept.get(seq)
        if entry is None:
            raise ValueError("there is no such entry")
        self._kept[seq] = Entry(seq, Kind.ERASED, entry.sender)
        self._kept_bytes -= len(entry.sealed)

    def forget_epochs(self, last: int) -> list[Entry]:
        """Drop the oldest messages, up to those of the epoch `last`.

        Returns:
            What was dropped.
        """
        dropped = []
        while self._messages and self._kept[self._messages[0]].epoch <= last:
            dropped.append(self._drop(self._messages))
        return dropped

    def read(self, after: int, *, limit: int, until: int | None = None) -> Page:
        """Return up to `limit` entries that came after the cursor `after`.

        Args:
            after: the cursor.
            limit: at least 1.
            until: the `seq` of the last entry that is wanted; by default the newest.

        Raises:
            BadCursorError: if `after` is not a place this log has ever reached.
        """
        if not 0 <= after <= self._last_seq:
            raise BadCursorError
        # From the newest backwards: most readers are nearly up to date.
        last = self._last_seq if until is None else min(until, self._last_seq)
        later = takewhile(lambda seq: seq > after, reversed(self._kept))
        unread = [seq for seq in later if seq <= last]
        entries = tuple(self._kept[seq] for seq in reversed(unread[-limit:]))
        cursor = entries[-1].seq if len(entries) < len(unread) else max(last, after)
        return Page(entries, cursor, missed=cursor - after - len(entries))

    def shred(self) -> None:
        """Drop every entry. Twice is as once."""
        self._kept.clear()
        self._kept_bytes = 0
        self._messages.clear()
        self._events.clear()

    def _drop(self, seqs: deque[int]) -> Entry:
        entry = self._kept.pop(seqs.popleft())
        self._kept_bytes -= len(entry.sealed)
        return entry
