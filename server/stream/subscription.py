"""The part of the contract between web and state that is about open streams; see `base.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from server.core.ids import ChatId, Handle
from server.core.session.lifetime import LifetimeNotice

from .broadcast import BroadcastGroup, Subscriber


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


class OtherChatEvent(Enum):
    """What happened in another conversation than the one that a stream is of."""

    SAID = "said"
    """Somebody said something there."""

    FOUND = "found"
    """Somebody was found, and waits for this visitor to come."""

    BEGUN = "begun"
    """Somebody has agreed to a private talk."""


@dataclass(frozen=True, slots=True)
class OtherChatNotice:
    """News of another conversation of the same session."""

    what: OtherChatEvent
    chat_id: ChatId
    """Where; ask `RoomStore.place` what it is called."""


Notice = LifetimeNotice | OtherChatNotice
"""Something for the eyes of one reader alone, which stands in no log."""


@dataclass(slots=True, eq=False)
class Stream:
    """One open stream of a session."""

    ear: Subscriber
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
    """What was sent on it alone; counted by whoever sends."""

    group: BroadcastGroup | None = None
    """In which it is; what is sent there counts too."""

    on_along: Callable[[Stream], None] | None = None
    """Called when it has said all that there is to read."""

    on_part: Callable[[Stream], None] | None = None
    """Called when it is in no unison any more."""

    is_closed: bool = False

    def finish(self, end: StreamEnd) -> None:
        """Tell the stream to end; the first reason stands."""
        self.end = self.end or end
        self.ear.wake()

    def tell(self, notice: Notice) -> None:
        """Let something be told on it."""
        self.notices.append(notice)
        self.ear.wake()

    @property
    def traffic_bytes(self) -> int:
        """All that was sent on it."""
        return self.sent_bytes + (self.group.sent_bytes if self.group is not None else 0)

    def along(self) -> None:
        """It has said all that there is to read."""
        if self.on_along is not None:
            self.on_along(self)

    def join(self, group: BroadcastGroup) -> None:
        """It is in a unison from now on."""
        self.group = group
        # What was sent there before was not sent here.
        self.sent_bytes -= group.sent_bytes

    def part(self) -> None:
        """It is in none any more."""
        self.sent_bytes, self.group = self.traffic_bytes, None
        if self.on_part is not None:
            self.on_part(self)

    def close(self) -> None:
        """Give the place back, and count its cost. Twice is as once."""
        if not self.is_closed:
            self.is_closed = True
            self.on_close(self)
