"""One entry, rendered once, written to every stream that shows it in the same bytes.

A room of thousands is limited by memory access: what has to be looked up for each reader misses
the CPU cache and costs a quarter of a delivery. So streams that have written everything so far,
and would write the next entry in the same bytes, are members of a *broadcast group*, which keeps
nothing of each but its `write`. Cursor, bytes sent and time of the last write are the same for all
of them and are kept once. A stream that leaves the group takes them over (`GroupPosition`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from server.core.cells import Event
from server.core.room.message import OpenEntry


class NewEntry:
    """An entry at the moment at which it happens, opened once for all readers.

    It is a hint: a stream that misses one reads it from the log. Neither the store nor a stream
    keeps it.
    """

    __slots__ = ("before", "entry", "names", "rendered", "seq")

    def __init__(self, entry: OpenEntry, names: Mapping[int, str]) -> None:
        self.entry = entry
        self.names = names
        """Names by member number, of all members that the entry mentions."""

        self.seq = entry.seq
        self.before = entry.seq - 1
        """The cursor of a reader who has everything up to it."""

        self.rendered: dict[str, Event] = {}
        """Render key -> the event, so that each is rendered once."""


class Subscriber(Protocol):
    """The receiving end of one open stream. No method may raise or block."""

    @property
    def cursor(self) -> int:
        """The newest entry that was written, outside of a broadcast group."""

    @property
    def render_key(self) -> str | None:
        """Streams with the same key would write the next entry in the same bytes.

        `None` if this one would not write it at once: it is behind, blocked, or has its own clock.
        """

    @property
    def write(self) -> Callable[[bytes], object]:
        """Writes a chunk to the transport; for a broadcast group."""

    def receive(self, new: NewEntry) -> bool:
        """Write an entry if everything before it was written; else return False."""

    def skip(self, seq: int) -> bool:
        """Pass over an entry that is hidden from this reader, on the same condition."""

    def wake(self) -> None:
        """Look for something new: entries, notices, or an end."""

    def take_over(self, share: GroupPosition) -> None:
        """Continue alone, from where the broadcast group was."""

    def render(self, new: NewEntry) -> Event | None:
        """Render an entry; `None` if that failed, which has ended this stream."""

    def fail(self, error: Exception) -> None:
        """Count an unexpected exception by its type, and end."""


@dataclass(frozen=True, slots=True)
class GroupPosition:
    """Where a broadcast group was when a stream left it; the stream continues from there."""

    cursor: int
    written_s: float | None
    """When the group last wrote to it; `None` if it did not since the stream joined."""


class BroadcastGroup:
    """Streams of one conversation that receive the same bytes.

    Args:
        cursor: the newest entry that every member has written when it joins.
        now: monotonic seconds.
    """

    __slots__ = ("_now", "_writes", "cursor", "sent_bytes", "written_s")

    def __init__(self, cursor: int, now: Callable[[], float]) -> None:
        self._now = now
        self._writes: dict[Subscriber, Callable[[bytes], object]] = {}
        self.cursor = cursor
        """The newest entry that was written by all members."""

        self.written_s = now()
        """When something was last written."""

        self.sent_bytes = 0
        """Bytes written to each member that was here all the time."""

    def __len__(self) -> int:
        return len(self._writes)

    @property
    def members(self) -> list[Subscriber]:
        """All that are in it now."""
        return list(self._writes)

    def add(self, subscriber: Subscriber) -> None:
        """Add a stream whose cursor is the group's."""
        self._writes[subscriber] = subscriber.write

    def discard(self, subscriber: Subscriber) -> None:
        """Remove a stream."""
        del self._writes[subscriber]

    def send(self, new: NewEntry) -> bool:
        """Write an entry to all members; False if it is not the next one."""
        if new.before != self.cursor:
            return False
        event = self._render(new)
        if event is None:
            return True
        chunk = event.chunk
        # First, so that a member that leaves while this is written takes the new values over.
        self.cursor = new.seq
        self.sent_bytes += len(chunk)
        self.written_s = self._now()
        # Copies, because a member may leave; two, because one list of pairs would allocate them.
        for subscriber, write in zip(list(self._writes), list(self._writes.values()), strict=True):
            try:
                write(chunk)
            except Exception as error:  # of one transport; the others must be written to
                subscriber.fail(error)
        return True

    def _render(self, new: NewEntry) -> Event | None:
        """Let one member render an entry for all; `None` if each has failed at it."""
        for subscriber in self.members:
            event = subscriber.render(new)
            if event is not None:
                return event
        return None
