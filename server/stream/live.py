"""A stream: what is said on it, when, and how it ends.

Theory of operation
===================

A stream says what its feed hands out, on an outlet that takes it. It is in one of three states:

    along     all that happened was said: what is heard is said at once, without a task
    behind    something was not said: one short task reads on, until the stream is along again
    full      the outlet takes no more for now: nothing is read, opened or kept until it does

Those that are along may be told of what happens in unison with others, until they are not.

Nothing waits here. What a slow reader has not taken is in the ring, sealed, or forgotten and told;
of what was opened, at most `PAGE_ENTRIES` events of one turn lie with the outlet.

One event is one write is one cell (see `core/cells.py`).
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from contextvars import Context

from server.core.cells import Event, frame
from server.core.errors import VisitorError
from server.core.limits import HEARTBEAT_S, WRITE_S
from server.stream.broadcast import NewEntry
from server.stream.subscription import StreamEnd
from server.stream.transport import StreamTransport

from .error_counter import ErrorCounter
from .source import HEARTBEAT, EventSource
from .writer import StreamContext, StreamWriter

GONE = frozenset({StreamEnd.PANIC, StreamEnd.FORGOTTEN})
"""Ends after which not even what is ready to be sent is sent."""

SPREAD_S = 1.0
"""Heartbeats come up to so many seconds later than they could, each at a moment of its own: those
who all heard the same message last would else all be due at once."""

FULL_S = 5.0
"""Seconds until an outlet that is full is looked at again, at most."""

PAGE_ENTRIES = 8
"""Events that are read in one turn by whoever is behind; the longest are of 16 KiB each."""


class LiveStream(StreamWriter):
    """Lets a feed speak on an outlet; a `StreamProtocol` there, and an `Subscriber` of the store.

    Args:
        head: the document up to where the events go.
        feed: what to say.
        services: what it shares with all others.
    """

    __slots__ = ("_head", "_is_behind", "_task", "slot")

    def __init__(self, head: str, feed: EventSource, services: StreamContext) -> None:
        super().__init__(feed, services)
        self._head = head
        self._task: asyncio.Task[None] | None = None
        """Reads on, while it does."""

        self._is_behind = True
        self.slot = 0

    # What whoever serves it calls.

    async def open(self) -> None:
        """Take the session's one stream. Whoever calls this calls `attach` or `lost` afterwards."""
        # The view has asked whether there is a place; should it be gone by now, the page that
        # was promised already ends with a farewell.
        with ErrorCounter(self._services.failures), suppress(VisitorError):
            self._stream = await self._feed.open(self)

    def attach(self, outlet: StreamTransport) -> None:
        """Begin to speak."""
        if self.is_over:
            # Something unexpected came between; the browser asks again.
            outlet.cut()
            return
        self._outlet = outlet
        self._is_full = False
        head, self._head = self._head, ""
        self._begin(head)
        self._services.timer_wheel.stand(self, self._first_tick_s())
        end = self._stream.end if self._stream is not None else StreamEnd.STOPPED
        if end is not None:
            self._end(end)
        else:
            self._read_on()

    def pause(self) -> None:
        """See `handover.StreamProtocol`."""
        self.part()
        self._is_full = True

    def resume(self) -> None:
        """See `handover.StreamProtocol`."""
        self._is_full = False
        self._read_on()

    def lost(self) -> None:
        """See `handover.StreamProtocol`."""
        self._close()

    # What the store calls: an `Subscriber`.

    def hear(self, heard: NewEntry) -> bool:
        """See `base_hearing.Subscriber`."""
        if self._is_full or not self._is_along or self._feed.cursor != heard.before:
            return False
        self._feed.cursor = heard.seq
        with self._ending_if_broken():
            self._say(self._feed.render(heard))
        return True

    def pass_over(self, seq: int) -> bool:
        """See `base_hearing.Subscriber`."""
        if not self._is_along or self._feed.cursor != seq - 1:
            return False
        self._feed.cursor = seq
        return True

    @property
    def _is_along(self) -> bool:
        """Whether there is nothing to be read, and nothing is being read."""
        return not self._is_behind and self._task is None

    @property
    def voice(self) -> str | None:
        """See `base_hearing.Subscriber`."""
        return self._feed.voice if self._is_along and not self._is_full else None

    def wake(self) -> None:
        """See `base_hearing.Subscriber`; in a context of nothing, as `Fanout` has it."""
        Context().run(self._wake)

    def _wake(self) -> None:
        with self._ending_if_broken():
            self._look()

    def _look(self) -> None:
        """Read on, or end."""
        self.part()
        stream = self._stream
        if stream is None:
            return
        if stream.end in GONE:
            self._feed.forget()
        if stream.end is None:
            self._is_behind = True
            self._read_on()
        elif self._outlet is not None:
            self._end(stream.end)

    # What the pulse calls.

    def tick(self, now_s: float) -> float | None:
        """See `timer_wheel.TimerEntry`."""
        with self._ending_if_broken():
            return self._tick(now_s)
        return None

    def _tick(self, now_s: float) -> float | None:
        """The heartbeat; and who takes nothing for long is hung up on."""
        if self.is_over:
            return None
        if self._is_full:
            due_s = self._sent_s + WRITE_S
            if now_s >= due_s:
                self._cut()
                return None
            return min(due_s, now_s + FULL_S)
        due_s = self._said_s() + HEARTBEAT_S
        if now_s >= due_s:
            if self._feed.asks_at_beats:
                self.part()
                self._is_behind = True
                self._read_on(beats=True)
            else:
                self._say(HEARTBEAT)
            due_s = now_s + HEARTBEAT_S
        # From the last chunk: what is hidden from this reader is no beat.
        return None if self.is_over else due_s + SPREAD_S * secrets.randbelow(1_000) / 1_000

    # How it speaks; steady streams do it in their own way.

    def _begin(self, head: str) -> None:
        """Say the head of the document."""
        self._put(frame(head.encode()))

    def _page(self) -> int:
        """Events to be read in one turn."""
        return PAGE_ENTRIES

    def _first_tick_s(self) -> float:
        return self._sent_s + HEARTBEAT_S

    def _end(self, end: StreamEnd) -> None:
        """Say why it ends, and end."""
        if end is not StreamEnd.STOPPED and self._is_full:
            # What lies with the outlet is not to be sent either; and nobody would come to drop it.
            self._cut()
            return
        self._finish(self._feed.farewell(end))

    # How it reads.

    def _read_on(self, *, beats: bool = False) -> None:
        if self._is_behind and not self._is_full and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._read(beats=beats))

    async def _read(self, *, beats: bool) -> None:
        """Say what there is, until the stream is along or full."""
        said_s = self._sent_s
        try:
            with self._ending_if_broken():
                while self._is_behind and not self._is_full:
                    # First, so that what comes while it is read is not overlooked.
                    self._is_behind = False
                    if not await self._read_page():
                        break
                if beats and said_s == self._sent_s:
                    self._say(await self._feed.beat())
        finally:
            self._task = None
        # What woke it since it last looked.
        self._read_on()
        if self._stream is not None:
            self._stream.along()

    async def _read_page(self) -> bool:
        """Say one page of what is new; whether there may be more."""
        events = list(await self._feed.news(self._page()))
        events += await self._notices()
        if self._stream is None or self._stream.end is not None:
            return False
        last = events.pop() if self._feed.finished and events else HEARTBEAT
        for event in events:
            self._say(event)
        if self._feed.finished:
            self._finish(last)
            return False
        self._is_behind = self._is_behind or bool(events)
        return bool(events)

    async def _notices(self) -> list[Event]:
        """What is to be told to this reader alone."""
        events = []
        while self._stream is not None and self._stream.notices:
            told = await self._feed.notice(self._stream.notices.pop(0))
            if told is not None:
                events.append(told)
        return events

    def _close(self) -> None:
        self._head = ""
        self._services.timer_wheel.leave(self)
        super()._close()
