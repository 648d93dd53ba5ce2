"""Fakes for both ends of a stream: an event source with given events, and a transport."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from server.core.cells import LAST_CHUNK, Event, unframe
from server.core.errors import ServerFullError
from server.core.ids import Handle, RoomId, Secret
from server.core.room.log import Kind
from server.core.room.message import OpenEntry
from server.core.room.publication import Publication
from server.stream.broadcast import NewEntry, Subscriber
from server.stream.live import LiveStream
from server.stream.registry import StreamRegistry
from server.stream.source import HEARTBEAT, EventSource
from server.stream.subscription import EndStream, Notice, Notify, StreamEnd, Subscription
from server.stream.timer_wheel import SLOT_S, TimerWheel
from tests.fakes import FakeClock

ROOM = RoomId(b"a room")


class FakeSource(EventSource):
    """Makes the events that a test gives it."""

    def __init__(
        self, context: FakeContext | None = None, *, is_asked_after_silence: bool = False
    ) -> None:
        super().__init__(Secret.new())
        self.context = context or FakeContext()
        self._streams = self.context.streams
        self.is_asked_after_silence = is_asked_after_silence  # type: ignore[misc]
        self.beat_event = HEARTBEAT
        self.pending: list[str] = []
        """Events that it returns at the next reads."""

        self.is_full = False
        self.is_broken = False
        self.key: str | None = "en"
        self.handle = Handle(f"handle {self.context.next_number()}".encode())
        self.number = 0
        self.forget_calls = 0
        self.reads = 0
        """Calls of `news`."""

        self.during_read: Callable[[], None] | None = None
        """Called once, in the middle of the next read."""

    @property
    def render_key(self) -> str | None:
        """The key that a test has set."""
        return self.key

    @property
    def is_open(self) -> bool:
        """Whether it has an open stream."""
        return self.handle in self._streams

    @property
    def subscription(self) -> Subscription:
        """Its stream, which must be open."""
        stream = self._streams.get(self.handle)
        assert stream is not None
        return stream

    def end(self, end: StreamEnd) -> None:
        """Signal its stream to end."""
        self._streams.apply([EndStream(self.handle, end)])

    def notify(self, notice: Notice) -> None:
        """Signal a notice to its stream."""
        self._streams.apply([Notify(self.handle, notice)])

    async def open(self, subscriber: Subscriber) -> Subscription:
        """Open the session's one stream."""
        if self.is_full:
            raise ServerFullError
        self.number = len(self._streams) + 1
        stream = Subscription(subscriber, self.handle, room_id=ROOM, number=self.number)
        self._streams.open(stream)
        return stream

    def render(self, new: NewEntry) -> Event:
        """Render the number of an entry."""
        if self.is_broken:
            raise KeyError("what a visitor typed")
        return Event(f"(entry {new.seq})")

    async def news(self, limit: int) -> Sequence[Event]:
        """Return the pending events, `limit` at most."""
        if self.is_broken:
            raise KeyError("what a visitor typed")
        self.reads += 1
        events, self.pending = self.pending[:limit], self.pending[limit:]
        await asyncio.sleep(0)
        if self.during_read is not None:
            during_read, self.during_read = self.during_read, None
            during_read()
        return [Event(html) for html in events]

    async def after_silence(self) -> Event:
        """Return the event that a test has set."""
        return self.beat_event

    def forget(self) -> None:
        """Count the calls."""
        self.forget_calls += 1

    async def notice(self, notice: Notice) -> Event | None:
        """Render the name of the notice."""
        return Event(f"(notice {notice})")

    def farewell(self, end: StreamEnd) -> Event:
        """Render the reason of the end."""
        return Event(f"(end {end.value})")


class FakeTransport:
    """Keeps what is written, and pauses after as many chunks as a test wants."""

    def __init__(self, stream: LiveStream) -> None:
        self.stream = stream
        self.chunks: list[bytes] = []
        self.capacity = 10**6
        """Chunks that it still takes before it pauses."""

        self.finish_calls = 0
        self.closing = b""
        """The argument of `finish`."""

        self.cut_calls = 0

    @property
    def is_paused(self) -> bool:
        """Whether it takes no more chunks."""
        return self.capacity <= 0

    def write(self, chunk: bytes) -> None:
        """See `StreamTransport`."""
        assert not self.finish_calls
        assert not self.cut_calls
        self.chunks.append(chunk)
        self.capacity -= 1
        if self.is_paused:
            self.stream.pause()

    def finish(self, closing: bytes) -> None:
        """See `StreamTransport`."""
        assert closing.endswith(LAST_CHUNK)
        self.closing = closing
        self.chunks.append(closing.removesuffix(LAST_CHUNK))
        self.finish_calls += 1

    def cut(self) -> None:
        """See `StreamTransport`."""
        self.cut_calls += 1

    @property
    def written(self) -> list[str]:
        """The chunks that were written, without framing and padding."""
        return [unframe(chunk).decode().rstrip() for chunk in self.chunks]


@dataclass
class FakeContext:
    """A `StreamContext` whose clock is set by the test."""

    clock: FakeClock = field(default_factory=FakeClock)
    timer_wheel: TimerWheel = field(init=False)
    streams: StreamRegistry = field(init=False)
    failures: Counter[str] = field(default_factory=Counter)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.timer_wheel = TimerWheel(self.clock)
        self.streams = StreamRegistry(clock=self.clock)

    def next_number(self) -> int:
        """Return a different number each time."""
        self._numbers += 1
        return self._numbers

    def publish(self, seq: int) -> None:
        """Publish an entry to every open stream of the conversation."""
        new = entry(seq)
        self.streams.apply([Publication(ROOM, new.entry, new.names)])

    async def pass_time(self, seconds: float) -> None:
        """Advance the clock slot by slot, and tick everything that becomes due."""
        for _ in range(round(seconds / SLOT_S)):
            self.clock.advance(SLOT_S)
            self.timer_wheel.turn()
            await run_tasks()


def live_stream(source: FakeSource, head: str = "") -> LiveStream:
    """Make a stream of this source; it is not open yet."""
    return LiveStream(head, source, source.context)


async def run_tasks(count: int = 9) -> None:
    """Run the event loop for some turns, so that the tasks that were started finish."""
    for _ in range(count):
        await asyncio.sleep(0)


async def start(stream: LiveStream, more_turns: int = 0) -> FakeTransport:
    """Open a stream, attach a transport, and let the stream catch up."""
    transport = FakeTransport(stream)
    await stream.open()
    stream.attach(transport)
    await run_tasks(9 + more_turns)
    return transport


def entry(seq: int) -> NewEntry:
    """Make an entry: a member has joined."""
    return NewEntry(OpenEntry(seq, Kind.JOINED, 1), {1: "Somebody"})
