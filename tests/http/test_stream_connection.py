"""A connection that a stream has for itself: nothing is kept for it, and its end is always seen."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.core.cells import LAST_CHUNK
from server.core.limits import CELL_BYTES, MAX_RAW_BODY_BYTES
from server.http import stream_connection
from server.http.stream_connection import StreamConnection, StreamConnections
from server.stream.source import HEARTBEAT
from server.stream.transport import StreamTransport

CHUNK = b"x" * 498


class StreamProtocol:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.news = asyncio.Event()
        self.outlet: StreamTransport | None = None

    def _note(self, told: str) -> None:
        self.told.append(told)
        self.news.set()

    def attach(self, outlet: StreamTransport) -> None:
        """See `handover.StreamProtocol`."""
        self.outlet = outlet
        self._note("attach")

    def pause(self) -> None:
        """See `handover.StreamProtocol`."""
        self._note("pause")

    def resume(self) -> None:
        """See `handover.StreamProtocol`."""
        self._note("resume")

    def lost(self) -> None:
        """See `handover.StreamProtocol`."""
        self._note("lost")


class Ends:
    """Both ends of a connection that was handed over."""

    def __init__(self, transport: asyncio.Transport, visitor: socket.socket) -> None:
        self.speaker, self.lines = StreamProtocol(), StreamConnections()
        self.transport, self.visitor = transport, visitor
        self.line = StreamConnection(transport, self.speaker, self.lines)

    async def fill(self) -> int:
        """Write until the speaker is told to pause; how many chunks that took."""
        for count in range(1, 10_000):
            self.line.write(CHUNK)
            if self.speaker.told[-1] == "pause":
                return count
        raise AssertionError("it takes everything")

    async def until(self, told: str) -> None:
        """Wait until the speaker is told something."""
        async with asyncio.timeout(20):
            while self.speaker.told[-1] != told:
                await self.speaker.news.wait()
                self.speaker.news.clear()

    async def read(self) -> bytes:
        """What the visitor is sent next."""
        return await asyncio.get_running_loop().sock_recv(self.visitor, 2**20)

    async def read_to_the_end(self) -> bytes:
        """All that the visitor is sent."""
        said = b""
        async with asyncio.timeout(20):
            while more := await self.read():
                said += more
        return said


async def accepted() -> tuple[asyncio.Transport, socket.socket]:
    """A connection that has come in, and its visitor's end."""
    ours, visitor = socket.socketpair()
    for end in (ours, visitor):
        end.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, ours)
    return transport, visitor


@asynccontextmanager
async def handed_over() -> AsyncIterator[Ends]:
    transport, visitor = await accepted()
    ends = Ends(transport, visitor)
    ends.line.begin()
    try:
        yield ends
    finally:
        transport.abort()
        visitor.close()
        await asyncio.sleep(0)


async def test_chunk_is_with_the_visitor_in_the_same_turn() -> None:
    async with handed_over() as ends:
        ends.line.write(CHUNK)
        assert ends.visitor.recv(2**16) == CHUNK
        assert ends.speaker.told == ["attach"]


@pytest.mark.checklist(38)
async def test_no_more_than_the_rest_of_one_chunk_is_kept_for_who_does_not_read() -> None:
    async with handed_over() as ends:
        await ends.fill()
        assert 0 < ends.transport.get_write_buffer_size() <= len(CHUNK)


async def test_speaker_is_told_when_the_visitor_reads_again() -> None:
    async with handed_over() as ends:
        count = await ends.fill()
        read = 0
        while read < count * len(CHUNK):
            read += len(await ends.read())
        await ends.until("resume")
        assert ends.transport.get_write_buffer_size() == 0


async def test_visitor_who_hangs_up_is_seen() -> None:
    async with handed_over() as ends:
        ends.visitor.close()
        await ends.until("lost")


@pytest.mark.checklist(38)
async def test_visitor_who_said_something_and_hangs_up_is_seen() -> None:
    async with handed_over() as ends:
        ends.visitor.send(b"GET /again HTTP/1.1\r\n\r\n" * 50)
        ends.visitor.close()
        await ends.until("lost")


async def test_reading_that_was_stopped_before_goes_on() -> None:
    transport, visitor = await accepted()
    transport.pause_reading()
    ends = Ends(transport, visitor)
    ends.line.begin()
    visitor.close()
    await ends.until("lost")


@pytest.mark.checklist(38)
async def test_visitor_who_says_more_than_a_form_is_hung_up_on() -> None:
    async with handed_over() as ends:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(ends.visitor, b"x" * (MAX_RAW_BODY_BYTES + 1))
        await ends.until("lost")


async def test_end_is_sent_behind_what_was_written() -> None:
    async with handed_over() as ends:
        ends.line.write(CHUNK)
        ends.line.finish(HEARTBEAT.chunk + LAST_CHUNK)
        said = await ends.read_to_the_end()
        assert said.startswith(CHUNK)
        assert b"<i></i>" in said
        assert said.endswith(LAST_CHUNK)
        assert len(said) == 2 * CELL_BYTES + len(LAST_CHUNK)
        await ends.until("lost")


async def test_cut_drops_what_is_not_sent() -> None:
    async with handed_over() as ends:
        count = await ends.fill()
        ends.line.cut()
        assert len(await ends.read_to_the_end()) < count * len(CHUNK)
        assert ends.speaker.told[-1] == "lost"


async def test_end_does_not_wait_for_ever_for_who_takes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_connection, "WRITE_S", 0.01)
    async with handed_over() as ends:
        await ends.fill()
        ends.line.finish(HEARTBEAT.chunk + LAST_CHUNK)
        await ends.until("lost")


async def test_connection_that_is_closing_already_is_lost_at_once() -> None:
    transport, visitor = await accepted()
    transport.close()
    ends = Ends(transport, visitor)
    ends.line.begin()
    assert ends.speaker.told == ["lost"]
    visitor.close()


async def test_lines_that_are_open_are_waited_for_and_then_cut() -> None:
    async with handed_over() as ends:
        await ends.fill()
        ends.line.finish(HEARTBEAT.chunk + LAST_CHUNK)
        await ends.lines.end(within_s=0)
        await ends.until("lost")
        # Nothing is open any more: there is nothing to wait for.
        await ends.lines.end(within_s=3_600)


async def test_line_that_was_full_before_is_full_for_its_speaker_until_it_takes_more() -> None:
    transport, visitor = await accepted()
    while not transport.get_write_buffer_size():
        transport.write(CHUNK)
    ends = Ends(transport, visitor)
    ends.line.begin(b"head")
    assert ends.speaker.told[-1] == "pause"
    while ends.speaker.told[-1] != "resume":
        await ends.read()
    transport.abort()
    visitor.close()
