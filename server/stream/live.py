"""One open stream: what is written to its transport, when, and how it ends.

Theory of operation
===================

A stream writes the events of its source to its transport, one event in one write in one cell (see
`core/cells.py`). `state.py` has its states as a table. Nothing is queued here: what a slow reader
has not taken stays in the ring, sealed, or is forgotten and reported as missed. Of what was opened,
at most `CATCH_UP_EVENTS` events of one turn lie with the transport.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from typing import Protocol

from server.core.cells import LAST_CHUNK, Event, frame
from server.core.durations import drawn_between
from server.core.errors import VisitorError
from server.core.limits import HEARTBEAT_S, WRITE_S

from .broadcast import GroupPosition, NewEntry
from .error_counter import ErrorCounter
from .registry import StreamRegistry
from .source import HEARTBEAT, EventSource
from .state import TRANSITIONS, StreamInput, StreamState
from .subscription import StreamEnd, Subscription
from .timer_wheel import TimerWheel
from .transport import StreamTransport

DROPS_KEYS_AT_ONCE = frozenset({StreamEnd.PANIC, StreamEnd.FORGOTTEN})
"""Ends at which the reader's keys are dropped at once, even while a page is being read."""

SPREAD_S = 1.0
"""Heartbeats come up to this many seconds late, each at a moment of its own: else all readers of
the same last message would be due at once, and the beats would show a clock; see
`core/durations.py`."""

BLOCKED_CHECK_S = 5.0
"""Seconds until a blocked stream is looked at again, at most."""

CATCH_UP_EVENTS = 8
"""Events that are read in one turn while catching up; the longest are of 16 KiB each."""


class StreamContext(Protocol):
    """What all streams of a process share."""

    timer_wheel: TimerWheel
    failures: Counter[str]
    """Unexpected exceptions by the name of their type. The stream then ends, and the browser asks
    for it again by itself."""

    @property
    def streams(self) -> StreamRegistry:
        """The open streams."""


class LiveStream:
    """Writes events as they happen; a `StreamProtocol`, a `Subscriber` and a `TimerEntry`.

    Args:
        head: the document up to where the events go.
        source: makes the events.
        context: what it shares with all streams.
    """

    __slots__ = (
        *("_context", "_head", "_read_task", "_source", "_state", "_subscription", "_transport"),
        *("_has_news", "_written_s", "slot"),
    )

    def __init__(self, head: str, source: EventSource, context: StreamContext) -> None:
        self._head = head
        self._source = source
        self._context = context
        self._state = StreamState.BLOCKED
        self._transport: StreamTransport | None = None
        self._subscription: Subscription | None = None
        self._read_task: asyncio.Task[None] | None = None
        """Reads the log, while the stream is catching up."""

        self._has_news = False
        """Whether something may have happened since the last page was asked for."""

        self._written_s = 0.0
        """When something was last written to this stream alone, in seconds of the timer wheel."""

        self.slot = 0

    @property
    def state(self) -> StreamState:
        """Where it is in its life."""
        return self._state

    # What the connection calls: a `StreamProtocol`.

    async def open(self) -> None:
        """Take the session's one stream. The caller calls `attach` or `lost` afterwards."""
        # The view has checked that there is a place. If it was taken meanwhile, the page whose
        # head is promised already ends with a farewell.
        with ErrorCounter(self._context.failures), suppress(VisitorError):
            self._subscription = await self._source.open(self)

    def attach(self, transport: StreamTransport) -> None:
        """See `StreamProtocol`."""
        if self._state is StreamState.ENDED:
            # Something unexpected happened before; the browser asks again.
            transport.cut()
            return
        self._transport = transport
        self._move(StreamInput.RESUMED)
        head, self._head = self._head, ""
        self._begin(head)
        self._context.timer_wheel.schedule(self, self._first_tick_s())
        end = StreamEnd.STOPPED if self._subscription is None else self._subscription.end
        if end is not None:
            self._end_with_farewell(end)
        else:
            self._catch_up()

    def pause(self) -> None:
        """See `StreamProtocol`."""
        self._leave_group()
        self._move(StreamInput.PAUSED)

    def resume(self) -> None:
        """See `StreamProtocol`."""
        self._move(StreamInput.RESUMED)
        self._catch_up()

    def lost(self) -> None:
        """See `StreamProtocol`."""
        self._release()

    # What the fan-out calls: a `Subscriber`.

    @property
    def cursor(self) -> int:
        """See `Subscriber`."""
        return self._source.cursor

    @property
    def render_key(self) -> str | None:
        """See `Subscriber`."""
        return self._source.render_key if self._state is StreamState.LIVE else None

    @property
    def write(self) -> Callable[[bytes], object]:
        """See `Subscriber`."""
        if self._transport is None:
            raise AssertionError("a stream without a transport is not live")
        return self._transport.write

    def receive(self, new: NewEntry) -> bool:
        """See `Subscriber`."""
        if not self._is_next(new.seq):
            return False
        self._source.cursor = new.seq
        with self._ending_on_error():
            self._send(self._source.render(new))
        return True

    def skip(self, seq: int) -> bool:
        """See `Subscriber`."""
        if not self._is_next(seq):
            return False
        self._source.cursor = seq
        self._source.note_hidden()
        return True

    def _is_next(self, seq: int) -> bool:
        return self._state is StreamState.LIVE and self._source.cursor == seq - 1

    def wake(self) -> None:
        """See `Subscriber`."""
        with self._ending_on_error():
            self._on_wake()

    def take_over(self, share: GroupPosition) -> None:
        """See `Subscriber`."""
        self._source.cursor = share.cursor
        if share.written_s is not None:
            self._written_s = max(self._written_s, share.written_s)

    def render(self, new: NewEntry) -> Event | None:
        """See `Subscriber`."""
        with self._ending_on_error():
            return self._source.render(new)
        return None

    def fail(self, error: Exception) -> None:
        """See `Subscriber`."""
        self._context.failures[type(error).__name__] += 1
        self._end_after_error()

    def _on_wake(self) -> None:
        """Read on, or end."""
        subscription = self._subscription
        if subscription is None:
            return
        self._leave_group()
        if subscription.end in DROPS_KEYS_AT_ONCE:
            self._source.forget()
        if subscription.end is None:
            self._read_news()
        elif self._transport is not None:
            self._end_with_farewell(subscription.end)

    # What the timer wheel calls: a `TimerEntry`.

    def tick(self, now_s: float) -> float | None:
        """See `TimerEntry`."""
        with self._ending_on_error():
            return self._tick(now_s)
        return None

    def _tick(self, now_s: float) -> float | None:
        """Write a heartbeat if one is due; cut a reader that has taken nothing for too long."""
        if self._state is StreamState.ENDED:
            return None
        if self._state is StreamState.BLOCKED:
            due_s = self._written_s + WRITE_S
            if now_s >= due_s:
                self._abort()
                return None
            return min(due_s, now_s + BLOCKED_CHECK_S)
        due_s = self._last_write_s() + HEARTBEAT_S
        if now_s >= due_s:
            if self._source.is_asked_after_silence:
                self._read_news(after_silence=True)
            else:
                self._send(HEARTBEAT)
            due_s = now_s + HEARTBEAT_S
        if self._is_ended():
            return None
        # From the last chunk: an entry that is hidden from this reader is no heartbeat.
        return due_s + drawn_between(0, SPREAD_S)

    def _is_ended(self) -> bool:
        return self._state is StreamState.ENDED

    def _last_write_s(self) -> float:
        """When something was last written, alone or in a broadcast group."""
        subscription = self._subscription
        group = None if subscription is None else subscription.group
        if subscription is None or group is None or group.sent_bytes == subscription.joined_bytes:
            return self._written_s
        return max(self._written_s, group.written_s)

    # How it writes. A constant-rate stream does it in its own way.

    def _begin(self, head: str) -> None:
        """Write the head of the document."""
        self._write(frame(head.encode()))

    def _first_tick_s(self) -> float:
        return self._written_s + HEARTBEAT_S + drawn_between(0, SPREAD_S)

    def _catch_up_events(self) -> int:
        """Events to be read in one turn."""
        return CATCH_UP_EVENTS

    def _send(self, event: Event) -> None:
        self._write(event.chunk)

    def _write(self, chunk: bytes) -> None:
        """Write a chunk, and count it."""
        if self._transport is None:
            return
        if self._subscription is not None:
            self._subscription.own_bytes += len(chunk)
        self._written_s = self._context.timer_wheel.now_s
        self._transport.write(chunk)

    # How it reads.

    def _read_news(self, *, after_silence: bool = False) -> None:
        self._leave_group()
        self._has_news = True
        self._move(StreamInput.NEWS)
        self._catch_up(after_silence=after_silence)

    def _catch_up(self, *, after_silence: bool = False) -> None:
        """Start to read, unless the stream is blocked or reads already."""
        if self._state is StreamState.CATCHING_UP and self._read_task is None:
            read, loop = self._read(after_silence=after_silence), asyncio.get_running_loop()
            # In an empty context, see `StreamRegistry.apply`.
            self._read_task = loop.create_task(read, context=Context())

    async def _read(self, *, after_silence: bool) -> None:
        """Write everything that is new, until the stream is live, blocked or ended."""
        written_s = self._written_s
        try:
            with self._ending_on_error():
                while self._state is StreamState.CATCHING_UP:
                    # First, so that what happens while a page is read is not overlooked.
                    self._has_news = False
                    has_more = await self._read_page()
                    if after_silence and not has_more and written_s == self._written_s:
                        self._send(await self._source.after_silence())
                    if not has_more and not self._has_news:
                        break
                if self._state is StreamState.CATCHING_UP:
                    self._move(StreamInput.CAUGHT_UP)
        finally:
            self._read_task = None
        with self._ending_on_error():
            if self._subscription is not None and self._state is StreamState.LIVE:
                self._context.streams.caught_up(self._subscription)

    async def _read_page(self) -> bool:
        """Write one page of what is new; whether there may be more."""
        most = self._catch_up_events()
        events = list(await self._source.news(most))
        events += await self._notices(is_behind=len(events) >= most)
        if self._subscription is None or self._subscription.end is not None:
            return False
        last = events.pop() if self._source.finished and events else HEARTBEAT
        for event in events:
            self._send(event)
        if self._source.finished:
            self._write_last_event(last)
            return False
        return bool(events)

    async def _notices(self, *, is_behind: bool) -> list[Event]:
        """Render what is for this reader alone; see `Subscription.next_notice`."""
        events = []
        while (subscription := self._subscription) is not None:
            notice = subscription.next_notice(is_behind=is_behind)
            if notice is None:
                break
            event = await self._source.notice(notice)
            if event is not None:
                events.append(event)
        return events

    def _leave_group(self) -> None:
        if self._subscription is not None and self._subscription.group is not None:
            share = self._context.streams.leave_group(self._subscription)
            if share is not None:
                self.take_over(share)

    # How it ends. From the outermost to the innermost:
    #   _end_after_error      a bug: end like a finished source
    #   _end_with_farewell    the store has ended it: write why
    #   _write_last_event     write an event with the end of the body
    #   _write_last_bytes     write these bytes as the last ones
    #   _abort                close the transport at once, dropping what was not sent
    #   _release              drop everything; each of the others comes here

    def _end_with_farewell(self, end: StreamEnd) -> None:
        """Write why it ends, and end."""
        if self._is_paused() and end is not StreamEnd.STOPPED:
            # What lies with the transport must not be sent either, and nothing else would drop it.
            self._abort()
        else:
            self._write_last_event(self._source.farewell(end))

    def _is_paused(self) -> bool:
        return self._transport is not None and self._transport.is_paused

    def _write_last_event(self, event: Event = HEARTBEAT) -> None:
        """Write a last event, and end."""
        self._write_last_bytes(event.chunk + LAST_CHUNK)

    def _write_last_bytes(self, closing: bytes) -> None:
        if self._transport is not None:
            if self._subscription is not None:
                self._subscription.own_bytes += len(closing)
            self._transport.finish(closing)
        self._release()

    def _abort(self) -> None:
        transport = self._transport
        self._release()
        if transport is not None:
            transport.cut()

    def _ending_on_error(self) -> ErrorCounter:
        """Count an unexpected exception of a block by its type, and end."""
        return ErrorCounter(self._context.failures, self._end_after_error)

    def _end_after_error(self) -> None:
        # The transport itself may be what is broken.
        with ErrorCounter(self._context.failures, self._abort):
            self._write_last_event()

    def _release(self) -> None:
        """Release everything at once: nothing may wait for the garbage collector."""
        self._leave_group()
        self._head = ""
        self._context.timer_wheel.cancel(self)
        subscription, self._subscription = self._subscription, None
        self._transport = None
        if not self._is_ended():
            self._move(StreamInput.CLOSED)
            self._source.forget()
        if subscription is not None:
            self._context.streams.close(subscription)

    def _move(self, event: StreamInput) -> None:
        self._state = TRANSITIONS[self._state][event]
