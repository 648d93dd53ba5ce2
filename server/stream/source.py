"""What a stream shows: the base class of the sources of its events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from server.core.cells import Event
from server.core.ids import Secret

from .broadcast import NewEntry, Subscriber
from .subscription import Notice, StreamEnd, Subscription

HEARTBEAT = Event("<i></i>")
"""Written after a silence: an element that shows nothing and re-arms the dead-man banner."""


class EventSource(ABC):
    """Makes the events of one stream.

    Args:
        secret: the reader's.
        cursor: the newest entry that the reader has.
    """

    __slots__ = ("_secret", "cursor", "finished")

    is_asked_after_silence: ClassVar[bool] = False
    """Whether `news`, then `after_silence`, are called after a silence; else `HEARTBEAT` goes."""

    def __init__(self, secret: Secret, cursor: int = 0) -> None:
        self._secret = secret
        self.cursor = cursor
        """The newest entry that was handed out, or received by the stream. While the stream is in a
        broadcast group it stays where it was when it joined."""

        self.finished = False
        """Whether nothing will follow, and the stream can end."""

    @property
    def render_key(self) -> str | None:
        """See `Subscriber`; `None` if it shows no entries."""
        return None

    @abstractmethod
    async def open(self, subscriber: Subscriber) -> Subscription:
        """Take the session's one stream."""

    @abstractmethod
    async def news(self, limit: int) -> Sequence[Event]:
        """The events since the last call, about `limit` at most; empty if there are none."""

    @abstractmethod
    async def notice(self, notice: Notice) -> Event | None:
        """Render what is for this reader alone, if it still matters."""

    @abstractmethod
    def farewell(self, end: StreamEnd) -> Event:
        """The last event of a stream that must end."""

    def render(self, new: NewEntry) -> Event:
        """Render a new entry; only of a conversation."""
        raise LookupError(f"this stream shows no entries, and received {new.seq}")

    async def after_silence(self) -> Event:
        """What to write after a silence."""
        return HEARTBEAT

    def note_hidden(self) -> None:
        """Note that an entry was passed over that is hidden from the reader."""
        return

    def forget(self) -> None:
        """Drop every key that was opened with the reader's secret."""
        self._secret.lock()
