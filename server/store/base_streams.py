"""The part of the contract between web and state that is about open streams; see `base.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from server.core.cells import Event
from server.core.ids import ChatId, Handle
from server.core.message import OpenEntry
from server.core.stay import Told


class StreamEnd(Enum):
    """Why an open stream must end."""

    MOVED = "moved"
    """The same session opened a newer one: one stream in all, the newest wins."""

    FORGOTTEN = "forgotten"
    """The session or its seat is gone."""

    PANIC = "panic"
    """The visitor wants all of it gone, from the screens too."""

    STOPPED = "stopped"
    """The house is closing."""


class Elsewhere(Enum):
    """What happened in another conversation than the one that a stream is of."""

    SAID = "said"
    """Somebody said something there."""

    FOUND = "found"
    """Somebody was found, and waits for this visitor to come."""

    BEGUN = "begun"
    """Somebody has agreed to a private talk."""


@dataclass(frozen=True, slots=True)
class FromElsewhere:
    """News of another conversation of the same session."""

    what: Elsewhere
    chat_id: ChatId
    """Where; ask `RoomStore.place` what it is called."""


Notice = Told | FromElsewhere
"""Something for the eyes of one reader alone, which stands in no log."""


class Heard:
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


class Ear(Protocol):
    """Where a stream ends: told of what happens. No call of it may take long, or raise."""

    def wake(self) -> None:
        """There may be something new: entries, notices, or the end of the stream."""

    def hear(self, heard: Heard) -> bool:
        """Take an entry, if all before it were taken; else say so, and read it after a wake."""

    def pass_over(self, seq: int) -> bool:
        """The same, of an entry that is not for this reader."""


@dataclass(slots=True, eq=False)
class Stream:
    """One open stream of a session."""

    ear: Ear
    handle: Handle
    """Whose it is."""

    on_close: Callable[[Stream], None]
    """Called once, when it is closed."""

    chat_id: ChatId | None = None
    """The conversation that it is of; `None` while its session waits."""

    end: StreamEnd | None = None
    """Set, before a wake, when the stream must end."""

    notices: list[Notice] = field(default_factory=list)
    """What is to be told on it; taken out by whoever tells it, the oldest first."""

    sent_bytes: int = 0
    """Counted by whoever sends."""

    is_closed: bool = False

    def finish(self, end: StreamEnd) -> None:
        """Tell the stream to end; the first reason stands."""
        self.end = self.end or end
        self.ear.wake()

    def tell(self, notice: Notice) -> None:
        """Let something be told on it."""
        self.notices.append(notice)
        self.ear.wake()

    def close(self) -> None:
        """Give the place back, and count its cost. Twice is as once."""
        if not self.is_closed:
            self.is_closed = True
            self.on_close(self)
