"""What a test puts on both ends of a stream: a source that makes given events, and a transport."""

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
    """Makes the events that a test puts into it."""

    def __init__(self, context: FakeContext | None = None, *, asks_at_beats: bool = False) -> None:
        super().__init__(Secret.new())
        self.context = context or FakeContext()
        self._streams = self.context.streams
        self.is_asked_after_silence = asks_at_beats  # type: ignore[misc]
        self.at_beats = HEARTBEAT
        self.waiting: list[str] = []
        self.is_full = False
        self.is_broken = False
        self.key: str | None = "en"
        self.handle = Handle(f"handle {self.context.next_number()}".encode())
        self.number = 0
        self.forgot = 0
        self.reads = 0
        """How often it was asked for news."""

        self.pause: Callable[[], None] | None = None
        """Called while it reads: what happens meanwhile."""

    @property
    def render_key(self) -> str | None:
        """What a test sets."""
        return self.key

    @property
    def is_open(self) -> bool:
        """Whether it has an open stream."""
        return self.handle in self._streams

    @property
    def subscription(self) -> Subscription:
        """Its stream, which is open."""
        stream = self._streams.get(self.handle)
        assert stream is not None
        return stream

    def end(self, end: StreamEnd) -> None:
        """Tell its stream to end."""
        self._streams.apply([EndStream(self.handle, end)])

    def notify(self, notice: Notice) -> None:
        """Show a notice on its stream."""
        self._streams.apply([Notify(self.handle, notice)])

    async def open(self, subscriber: Subscriber) -> Subscription:
        """Stand for the session's one stream."""
        if self.is_full:
            raise ServerFullError
        self.number = len(self._streams) + 1
        stream = Subscription(subscriber, self.handle, room_id=ROOM, number=self.number)
        self._streams.open(stream)
        return stream

    def render(self, new: NewEntry) -> Event:
        """Name its number."""
        if self.is_broken:
            raise KeyError("what somebody typed")
        return Event(f"(entry {new.seq})")

    async def news(self, limit: int) -> Sequence[Event]:
        """What was put in since the last call."""
        if self.is_broken:
            raise KeyError("what somebody typed")
        self.reads += 1
        events, self.waiting = self.waiting[:limit], self.waiting[limit:]
        await asyncio.sleep(0)
        if self.pause is not None:
            pause, self.pause = self.pause, None
            pause()
        return [Event(html) for html in events]

    async def after_silence(self) -> Event:
        """What a test sets."""
        return self.at_beats

    def forget(self) -> None:
        """Count how often it was told to."""
        self.forgot += 1

    async def notice(self, notice: Notice) -> Event | None:
        """Name the notice."""
        return Event(f"(notice {notice})")

    def farewell(self, end: StreamEnd) -> Event:
        """Name the end."""
        return Event(f"(end {end.value})")


class FakeTransport:
    """Keeps what is written, and takes as much as a test wants."""

    def __init__(self, stream: LiveStream) -> None:
        self.stream = stream
        self.chunks: list[bytes] = []
        self.places = 10**6
        """Chunks that it takes until it is paused."""

        self.finished = 0
        self.closing = b""
        """What it was finished with."""

        self.cuts = 0

    @property
    def is_paused(self) -> bool:
        """Whether it takes nothing."""
        return self.places <= 0

    def write(self, chunk: bytes) -> None:
        """See `StreamTransport`."""
        assert not self.finished
        assert not self.cuts
        self.chunks.append(chunk)
        self.places -= 1
        if self.is_paused:
            self.stream.pause()

    def finish(self, closing: bytes) -> None:
        """See `StreamTransport`."""
        assert closing.endswith(LAST_CHUNK)
        self.closing = closing
        self.chunks.append(closing.removesuffix(LAST_CHUNK))
        self.finished += 1

    def cut(self) -> None:
        """See `StreamTransport`."""
        self.cuts += 1

    @property
    def written(self) -> list[str]:
        """What was written, without its padding."""
        return [unframe(chunk).decode().rstrip() for chunk in self.chunks]


@dataclass
class FakeContext:
    """What streams share, with a time that a test sets; a `StreamContext`."""

    clock: FakeClock = field(default_factory=FakeClock)
    timer_wheel: TimerWheel = field(init=False)
    streams: StreamRegistry = field(init=False)
    failures: Counter[str] = field(default_factory=Counter)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.timer_wheel = TimerWheel(self.clock)
        self.streams = StreamRegistry(max_streams=10**6, clock=self.clock)

    def next_number(self) -> int:
        """Another number each time."""
        self._numbers += 1
        return self._numbers

    def publish(self, seq: int) -> None:
        """Publish an entry to every open stream."""
        new = entry(seq)
        self.streams.apply([Publication(ROOM, new.entry, new.names)])

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, and let happen what is due in it."""
        for _ in range(round(seconds / SLOT_S)):
            self.clock.advance(SLOT_S)
            self.timer_wheel.turn()
            await turns()


def live_stream(source: FakeSource, head: str = "") -> LiveStream:
    """A stream of this source."""
    return LiveStream(head, source, source.context)


async def turns(count: int = 9) -> None:
    """Let everything that was started finish."""
    for _ in range(count):
        await asyncio.sleep(0)


async def start(stream: LiveStream, more_turns: int = 0) -> FakeTransport:
    """Open a stream and let it write."""
    transport = FakeTransport(stream)
    await stream.open()
    stream.attach(transport)
    await turns(9 + more_turns)
    return transport


def entry(seq: int) -> NewEntry:
    """A member has joined."""
    return NewEntry(OpenEntry(seq, Kind.JOINED, 1), {1: "Somebody"})
