"""What a test puts on both ends of a stream: a feed that says what it is given, and an outlet."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from server.core.cells import LAST_CHUNK, Event, unframe
from server.core.errors import ServerFullError
from server.core.ids import Handle
from server.core.room.log import Kind
from server.core.room.message import OpenEntry
from server.stream.broadcast import NewEntry, Subscriber
from server.stream.live import LiveStream
from server.stream.source import HEARTBEAT
from server.stream.subscription import Notice, Stream, StreamEnd
from server.stream.timer_wheel import SLOT_S, TimerWheel
from tests.fakes import FakeClock


class FakeSource:
    """Says what a test puts into it."""

    def __init__(self, *, asks_at_beats: bool = False) -> None:
        self.asks_at_beats = asks_at_beats
        self.at_beats = HEARTBEAT
        self.waiting: list[str] = []
        self.finished = False
        self.is_full = False
        self.is_broken = False
        self.stream: Stream | None = None
        self.open_streams = 0
        self.cursor = 0
        self.voice: str | None = "en"
        self.forgot = 0
        self.reads = 0
        """How often it was asked for news."""

        self.pause: Callable[[], None] | None = None
        """Called while it reads: what happens meanwhile."""

    async def open(self, ear: Subscriber) -> Stream:
        """Stand for the session's one stream."""
        if self.is_full:
            raise ServerFullError
        self.open_streams += 1
        self.stream = Stream(ear, Handle(b"handle"), self._closed)
        return self.stream

    def _closed(self, _stream: Stream) -> None:
        self.open_streams -= 1

    def render(self, heard: NewEntry) -> Event:
        """Say its number."""
        if self.is_broken:
            raise KeyError("what somebody said")
        return Event(f"(heard {heard.seq})")

    async def news(self, limit: int) -> Sequence[Event]:
        """What was put in since the last call."""
        if self.is_broken:
            raise KeyError("what somebody said")
        self.reads += 1
        said, self.waiting = self.waiting[:limit], self.waiting[limit:]
        await asyncio.sleep(0)
        if self.pause is not None:
            pause, self.pause = self.pause, None
            pause()
        return [Event(html) for html in said]

    async def beat(self) -> Event:
        """What is said after a silence."""
        return self.at_beats

    def forget(self) -> None:
        """Count how often it was told to."""
        self.forgot += 1

    async def notice(self, notice: Notice) -> Event | None:
        """What is for this reader alone."""
        return Event(f"(notice {notice})")

    def farewell(self, end: StreamEnd) -> Event:
        """What is said at the end."""
        return Event(f"(end {end.value})")


class FakeTransport:
    """Keeps what is written, and takes as much as a test wants."""

    def __init__(self, live: LiveStream) -> None:
        self.live = live
        self.chunks: list[bytes] = []
        self.places = 10**6
        """Chunks that it takes until it is full."""

        self.finished = 0
        self.closing = b""
        """What it was finished with."""

        self.cuts = 0

    def write(self, chunk: bytes) -> None:
        """See `handover.StreamTransport`."""
        assert not self.finished
        assert not self.cuts
        self.chunks.append(chunk)
        self.places -= 1
        if self.places <= 0:
            self.live.pause()

    def finish(self, closing: bytes) -> None:
        """See `handover.StreamTransport`."""
        assert closing.endswith(LAST_CHUNK)
        self.closing = closing
        self.chunks.append(closing.removesuffix(LAST_CHUNK))
        self.finished += 1

    def cut(self) -> None:
        """See `handover.StreamTransport`."""
        self.cuts += 1

    @property
    def said(self) -> list[str]:
        """What was written, without its padding."""
        return [unframe(chunk).decode().rstrip() for chunk in self.chunks]


@dataclass
class FakeContext:
    """What streams share, with a time that a test sets; a `live.ServerProcess`."""

    clock: FakeClock = field(default_factory=FakeClock)
    timer_wheel: TimerWheel = field(init=False)
    failures: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.timer_wheel = TimerWheel(self.clock)

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, and let happen what is due in it."""
        for _ in range(round(seconds / SLOT_S)):
            self.clock.advance(SLOT_S)
            self.timer_wheel.turn()
            await turns()


async def turns(count: int = 9) -> None:
    """Let whatever was begun come to its end."""
    for _ in range(count):
        await asyncio.sleep(0)


async def speak(live: LiveStream, turn_round: int = 0) -> FakeTransport:
    """Open a stream and let it speak; for so many turns more than usual."""
    outlet = FakeTransport(live)
    await live.open()
    live.attach(outlet)
    await turns(9 + turn_round)
    return outlet


def entry(seq: int) -> NewEntry:
    """Somebody came."""
    return NewEntry(OpenEntry(seq, Kind.JOINED, 1), {1: "Somebody"})
