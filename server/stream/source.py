"""What a stream says: the contract of whatever makes it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from server.core.cells import Event
from server.stream.broadcast import NewEntry, Subscriber
from server.stream.subscription import Notice, Stream, StreamEnd

HEARTBEAT = Event("<i></i>")
"""What is said after a silence: an element that shows nothing, and re-arms the banner."""


class EventSource(Protocol):
    """What a stream says."""

    cursor: int
    """Up to which entry it has said everything; moved on by whoever says what was heard. While it
    speaks in unison it stays where it was when it joined."""

    finished: bool
    """Whether nothing will come any more, and the stream can end."""

    asks_at_beats: bool
    """Whether it is asked what to say after a silence; else it is `HEARTBEAT`."""

    @property
    def voice(self) -> str | None:
        """See `base_hearing.Subscriber`; `None` if it says nothing of what is heard."""

    async def open(self, ear: Subscriber) -> Stream:
        """Take the session's one stream."""

    def render(self, heard: NewEntry) -> Event:
        """What is said of an entry."""

    async def news(self, limit: int) -> Sequence[Event]:
        """What there is to say since the last call, up to about so many; empty if along."""

    async def beat(self) -> Event:
        """What is said after a silence."""

    def forget(self) -> None:
        """Drop every key, and whatever opens one."""

    async def notice(self, notice: Notice) -> Event | None:
        """What is for this reader alone, if there is still something to say."""

    def farewell(self, end: StreamEnd) -> Event:
        """The last event of a stream that must end."""
