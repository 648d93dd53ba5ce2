"""One open stream of a session, and what is signalled to it.

The store decides what happens; open streams only carry it out. So the store sends values:
publications of rooms (`core.room.publication`) and the three signals below. They are applied after
the store has changed its state, never in the middle of a change.

The objects of one open stream:

    store --signals--> StreamRegistry --> Subscription   the record, in the registry and its fan-out
                                              |
    EventSource  <--what to show--  LiveStream, a Subscriber   when to write
                                              |
                                    StreamConnection, a StreamTransport   HTTP chunks to a socket
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from server.core.ids import ChatId, Handle, RoomId
from server.core.room.publication import Publication
from server.core.session.lifetime import LifetimeNotice

from .broadcast import BroadcastGroup, Subscriber

MAX_NOTICES = 64
"""Notices that wait for a stream that writes nothing at the moment; what is more, is dropped. A
request that was dropped is shown when the stream is opened again."""


class StreamEnd(Enum):
    """Why an open stream must end."""

    MOVED = "moved"
    """The same session opened a newer one: a session has one stream, and the newest wins."""

    FORGOTTEN = "forgotten"
    """The session, or its seat in the conversation, is gone; also if it gave way to another one."""

    PANIC = "panic"
    """The visitor pressed Panic: nothing may stay on a screen."""

    STOPPED = "stopped"
    """The server is closing."""


class OtherChatEvent(Enum):
    """What happened in another conversation than the one that a stream shows."""

    SAID = "said"
    """A message was posted there."""

    FOUND = "found"
    """A match was made; the partner waits for this visitor to open the conversation."""

    BEGUN = "begun"
    """A member has agreed to a side chat."""


@dataclass(frozen=True, slots=True)
class OtherChatNotice:
    """News of another conversation of the same session."""

    what: OtherChatEvent
    chat_id: ChatId
    """Which one; `RoomStore.chat_label` says what it is called."""


@dataclass(frozen=True, slots=True)
class RequestNotice:
    """Somebody asks something of the reader, in the conversation that the stream shows."""

    number: int
    """Who asks; `RoomStore.list_requests` says what, as long as it is not answered."""


Notice = LifetimeNotice | OtherChatNotice | RequestNotice
"""Something for one reader alone. It is in no log."""


@dataclass(frozen=True, slots=True)
class EndStream:
    """A session's stream must end."""

    handle: Handle
    end: StreamEnd
    chat_id: ChatId | None = None
    """Only if it shows this conversation; by default, whatever it shows."""


@dataclass(frozen=True, slots=True)
class Notify:
    """A session's stream must show a notice."""

    handle: Handle
    notice: Notice


@dataclass(frozen=True, slots=True)
class Wake:
    """A session's stream must ask the store again."""

    handle: Handle


Signal = Publication | EndStream | Notify | Wake


@dataclass(frozen=True, slots=True)
class EndedStream:
    """What the store accounts for when a stream has ended."""

    handle: Handle
    chat_id: ChatId | None
    seen_seq: int
    """The newest entry that was written to it, or that was hidden from its reader."""

    traffic_bytes: int
    ended_s: float
    """Monotonic seconds."""


@dataclass(slots=True, eq=False)
class Subscription:
    """One open stream of a session; made and closed by the `StreamRegistry`."""

    subscriber: Subscriber
    handle: Handle
    """The session's."""

    chat_id: ChatId | None = None
    """The conversation that it shows; `None` on the waiting page."""

    room_id: RoomId | None = None
    """The same conversation, as its members share it."""

    number: int = 0
    """The reader's member number there."""

    end: StreamEnd | None = None
    """Set, before the subscriber is woken, when the stream must end."""

    notices: list[Notice] = field(default_factory=list)
    """What to show next to this reader alone, oldest first; see `add_notice`, `next_notice`."""

    group: BroadcastGroup | None = None
    """The broadcast group it is in, if it is in one."""

    own_bytes: int = 0
    """Bytes written to it outside of its present group."""

    joined_bytes: int = 0
    """Bytes that its group had written before it joined."""

    def add_notice(self, notice: Notice) -> None:
        """Let the subscriber show a notice; nothing changes if the same one waits already."""
        if notice not in self.notices and len(self.notices) < MAX_NOTICES:
            self.notices.append(notice)

    def next_notice(self, *, is_behind: bool) -> Notice | None:
        """Take out the notice to be shown next.

        Args:
            is_behind: whether more entries follow at once. Then a request waits: it must not be
                shown far above the newest entry.
        """
        for at, notice in enumerate(self.notices):
            if not (is_behind and isinstance(notice, RequestNotice)):
                return self.notices.pop(at)
        return None

    @property
    def sent_bytes(self) -> int:
        """All bytes that were written to it."""
        group = self.group
        return self.own_bytes + (group.sent_bytes - self.joined_bytes if group is not None else 0)

    @property
    def seen_seq(self) -> int:
        """The newest entry that was written to it, or that was hidden from its reader."""
        return self.group.cursor if self.group is not None else self.subscriber.cursor
