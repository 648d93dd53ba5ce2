"""Speaks on an outlet, counts what it costs, and lets go of everything at the end.

What streams of each kind have in common; when they speak is `live.py`'s and `steady.py`'s.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import Protocol

from server.core.cells import LAST_CHUNK, Event
from server.stream.broadcast import BroadcastGroup, NewEntry
from server.stream.subscription import Stream
from server.stream.transport import StreamTransport

from .error_counter import ErrorCounter
from .source import HEARTBEAT, EventSource
from .timer_wheel import TimerWheel


class StreamContext(Protocol):
    """What all streams of one house share."""

    timer_wheel: TimerWheel
    failures: Counter[str]
    """Where an unexpected exception is counted, by the name of its type. The stream then ends, and
    the browser asks for it again by itself."""


class StreamWriter(ABC):
    """What has an outlet and a place in the house, until it has neither.

    Args:
        feed: what to say.
        services: what it shares with all others.
    """

    __slots__ = (
        *("_feed", "_services", "_outlet", "_stream"),
        *("_is_full", "_sent_s", "is_over"),
    )

    def __init__(self, feed: EventSource, services: StreamContext) -> None:
        self._feed = feed
        self._services = services
        self._outlet: StreamTransport | None = None
        self._stream: Stream | None = None
        self._is_full = True
        """Whether the outlet takes nothing for now."""

        self._sent_s = 0.0
        """When something was last written, in seconds of the pulse."""

        self.is_over = False

    # What the store calls: parts of an `Subscriber`.

    @abstractmethod
    def wake(self) -> None:
        """See `base_hearing.Subscriber`."""

    def found(self) -> BroadcastGroup:
        """See `base_hearing.Subscriber`."""
        timer_wheel = self._services.timer_wheel
        return BroadcastGroup(self._feed.cursor, lambda: timer_wheel.now_s)

    def join(self, group: BroadcastGroup) -> bool:
        """See `base_hearing.Subscriber`."""
        if self._outlet is None or self._stream is None or group.cursor != self._feed.cursor:
            return False
        group.add(self, self._outlet.write)
        self._stream.join(group)
        return True

    def part(self) -> None:
        """See `base_hearing.Subscriber`."""
        stream, group = self._stream, self._group
        if stream is None or group is None:
            return
        self._sent_s = self._said_s()
        group.discard(self)
        self._feed.cursor = group.cursor
        stream.part()

    def render(self, heard: NewEntry) -> Event | None:
        """See `base_hearing.BroadcastMember`."""
        with self._ending_if_broken():
            return self._feed.render(heard)
        return None

    @property
    def _group(self) -> BroadcastGroup | None:
        """In which it speaks, while it does; `part` takes over what is counted there."""
        return self._stream.group if self._stream is not None else None

    def _said_s(self) -> float:
        """When something was last said, alone or in unison."""
        group = self._group
        # The cursor stays where it joined: what was said there before was not said here.
        if group is None or group.cursor == self._feed.cursor:
            return self._sent_s
        return max(self._sent_s, group.said_s)

    def _say(self, event: Event) -> None:
        self._put(event.chunk)

    def _put(self, chunk: bytes) -> None:
        """Write something, and count it."""
        if self._outlet is None:
            return
        if self._stream is not None:
            self._stream.sent_bytes += len(chunk)
        self._sent_s = self._services.timer_wheel.now_s
        self._outlet.write(chunk)

    def _finish(self, event: Event = HEARTBEAT) -> None:
        """Say this, and end."""
        self._finish_with(event.chunk + LAST_CHUNK)

    def _finish_with(self, closing: bytes) -> None:
        if self._outlet is not None:
            if self._stream is not None:
                self._stream.sent_bytes += len(closing)
            self._outlet.finish(closing)
        self._close()

    def _cut(self) -> None:
        outlet = self._outlet
        self._close()
        if outlet is not None:
            outlet.cut()

    def fail(self, error: Exception) -> None:
        """See `base_hearing.BroadcastMember`."""
        self._services.failures[type(error).__name__] += 1
        self._break_down()

    def _ending_if_broken(self) -> ErrorCounter:
        """Count what is unexpected in a block, by its type, and end."""
        return ErrorCounter(self._services.failures, self._break_down)

    def _break_down(self) -> None:
        # The line itself may be what is broken; whoever speaks to others then goes on.
        with ErrorCounter(self._services.failures, self._cut):
            self._finish()

    def _close(self) -> None:
        """Let go of everything: nothing of it may wait for the collector."""
        self.part()
        stream, self._stream = self._stream, None
        self._outlet = None
        if not self.is_over:
            # Full for ever: nothing is read or heard any more.
            self.is_over = self._is_full = True
            self._feed.forget()
        if stream is not None:
            stream.close()
