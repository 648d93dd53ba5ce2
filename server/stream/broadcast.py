"""The part of the contract between web and state that is about hearing what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from server.core.cells import Event
from server.core.room.message import OpenEntry


class NewEntry:
    """An entry at the moment at which it happens: opened once, for all who read along.

    A hint, as a wake is: whoever has read up to the entry before it need not read to have it.
    Neither the store nor a stream keeps it.
    """

    __slots__ = ("before", "entry", "names", "rendered", "seq")

    def __init__(self, entry: OpenEntry, names: Mapping[int, str]) -> None:
        self.entry = entry
        self.names = names
        """Names by number, of all that it speaks of."""

        self.seq = entry.seq
        self.before = entry.seq - 1
        """The cursor of whoever has read up to it."""

        self.rendered: dict[str, Event] = {}
        """What whoever renders it makes of it, by language: the same for all readers."""


class BroadcastMember(Protocol):
    """A stream in unison with others. To be woken, or to fail, lets it part."""

    def render(self, heard: NewEntry) -> Event | None:
        """Word an entry, as all others here would; `None` if it fails at that, and has ended."""

    def wake(self) -> None:
        """See `Subscriber`."""

    def fail(self, error: Exception) -> None:
        """Count something unexpected, and end."""


class BroadcastGroup:
    """Streams of one conversation on which the same is said, in the same bytes.

    What is looked at for each reader of a room of thousands is nowhere near the processor, and
    takes a quarter of a delivery. So a stream that is along stands here with nothing but its
    `write`; what it has said, when, and what that cost is the same for all, and is kept once. A
    stream that parts takes it over, and goes on by itself.

    Args:
        cursor: up to which entry all that will be in it have said everything.
        now: monotonic seconds.
    """

    __slots__ = ("_now", "_writes", "cursor", "said_s", "sent_bytes")

    def __init__(self, cursor: int, now: Callable[[], float]) -> None:
        self._now = now
        self._writes: dict[BroadcastMember, Callable[[bytes], object]] = {}
        self.cursor = cursor
        self.said_s = now()
        """When something was last said."""

        self.sent_bytes = 0
        """On each that was here all the time."""

    def __len__(self) -> int:
        return len(self._writes)

    def add(self, singer: BroadcastMember, write: Callable[[bytes], object]) -> None:
        """Let a stream be here from now on; it has said everything up to the cursor."""
        self._writes[singer] = write

    def discard(self, singer: BroadcastMember) -> None:
        """Let it be here no more."""
        del self._writes[singer]

    def hear(self, heard: NewEntry) -> None:
        """Take an entry for all of them."""
        if heard.before != self.cursor:
            for singer in list(self._writes):
                singer.wake()
            return
        event = self._render(heard)
        if event is None:
            return
        chunk = event.chunk
        # First: whoever parts while it is told of this has been told.
        self.cursor = heard.seq
        self.sent_bytes += len(chunk)
        self.said_s = self._now()
        # Copies, for one may part; and two of them, for a list of pairs would be made of as many.
        for singer, write in zip(list(self._writes), list(self._writes.values()), strict=True):
            try:
                write(chunk)
            except Exception as error:  # of one line; the others are to be told
                singer.fail(error)

    def _render(self, heard: NewEntry) -> Event | None:
        """Let one of them word an entry; `None` if each has failed at it."""
        for singer in list(self._writes):
            event = singer.render(heard)
            if event is not None:
                return event
        return None


class Subscriber(Protocol):
    """Where a stream ends: told of what happens. No call of it may take long, or raise."""

    @property
    def voice(self) -> str | None:
        """Whoever has the same, and has said all, says what comes next in the same bytes.

        `None` for who is behind, or speaks in a time of its own.
        """

    def found(self) -> BroadcastGroup:
        """Make a unison for all who have this voice; nobody is in it."""

    def join(self, group: BroadcastGroup) -> bool:
        """Be told in unison with others from now on, of one that an ear with this voice found.

        Returns:
            Whether it is: not if it has said less than they, or more.
        """

    def part(self) -> None:
        """Be told alone again, which the stream is told (`Stream.part`). Twice is as once."""

    def wake(self) -> None:
        """There may be something new: entries, notices, or the end of the stream."""

    def hear(self, heard: NewEntry) -> bool:
        """Take an entry, if all before it were taken; else say so, and read it after a wake."""

    def pass_over(self, seq: int) -> bool:
        """The same, of an entry that is not for this reader."""
