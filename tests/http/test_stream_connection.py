"""A connection of one stream: it has no queue, and its end is always detected."""

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


class RecordingStream:
    """A `StreamProtocol` that records the names of its methods as they are called."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.was_called = asyncio.Event()
        self.transport: StreamTransport | None = None

    def _record(self, call: str) -> None:
        self.calls.append(call)
        self.was_called.set()

    def attach(self, transport: StreamTransport) -> None:
        """See `StreamProtocol`."""
        self.transport = transport
        self._record("attach")

    def pause(self) -> None:
        """See `StreamProtocol`."""
        self._record("pause")

    def resume(self) -> None:
        """See `StreamProtocol`."""
        self._record("resume")

    def lost(self) -> None:
        """See `StreamProtocol`."""
        self._record("lost")


class Link:
    """A connection that was handed over to a stream, with the visitor's end of it."""

    def __init__(self, transport: asyncio.Transport, visitor: socket.socket) -> None:
        self.stream, self.connections = RecordingStream(), StreamConnections()
        self.transport, self.visitor = transport, visitor
        self.connection = StreamConnection(transport, self.stream, self.connections)

    async def fill(self) -> int:
        """Write until the stream is paused; return how many chunks that took."""
        for count in range(1, 10_000):
            self.connection.write(CHUNK)
            if self.stream.calls[-1] == "pause":
                return count
        raise AssertionError("the connection never paused")

    async def wait_for(self, call: str) -> None:
        """Wait until the newest call of the stream is this one."""
        async with asyncio.timeout(20):
            while self.stream.calls[-1] != call:
                await self.stream.was_called.wait()
                self.stream.was_called.clear()

    async def read(self) -> bytes:
        """Read what has arrived at the visitor's end."""
        return await asyncio.get_running_loop().sock_recv(self.visitor, 2**20)

    async def read_to_end(self) -> bytes:
        """Read at the visitor's end until the connection is closed."""
        data = b""
        async with asyncio.timeout(20):
            while more := await self.read():
                data += more
        return data


async def accepted() -> tuple[asyncio.Transport, socket.socket]:
    """Make an accepted connection, and the visitor's end of it."""
    server_end, visitor = socket.socketpair()
    for end in (server_end, visitor):
        end.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, server_end)
    return transport, visitor


@asynccontextmanager
async def handed_over() -> AsyncIterator[Link]:
    transport, visitor = await accepted()
    link = Link(transport, visitor)
    link.connection.begin()
    try:
        yield link
    finally:
        transport.abort()
        visitor.close()
        await asyncio.sleep(0)


async def test_chunk_reaches_the_socket_without_waiting_for_the_loop() -> None:
    async with handed_over() as link:
        link.connection.write(CHUNK)
        assert link.visitor.recv(2**16) == CHUNK
        assert link.stream.calls == ["attach"]


@pytest.mark.checklist(38)
async def test_at_most_the_rest_of_one_chunk_is_buffered() -> None:
    async with handed_over() as link:
        await link.fill()
        assert 0 < link.transport.get_write_buffer_size() <= len(CHUNK)


async def test_stream_is_resumed_when_the_visitor_reads_again() -> None:
    async with handed_over() as link:
        count = await link.fill()
        read = 0
        while read < count * len(CHUNK):
            read += len(await link.read())
        await link.wait_for("resume")
        assert link.transport.get_write_buffer_size() == 0


async def test_closed_connection_is_detected() -> None:
    async with handed_over() as link:
        link.visitor.close()
        await link.wait_for("lost")


@pytest.mark.checklist(38)
async def test_connection_closed_after_extra_requests_is_detected() -> None:
    async with handed_over() as link:
        link.visitor.send(b"GET /again HTTP/1.1\r\n\r\n" * 50)
        link.visitor.close()
        await link.wait_for("lost")


async def test_reading_that_was_paused_before_is_resumed() -> None:
    transport, visitor = await accepted()
    transport.pause_reading()
    link = Link(transport, visitor)
    link.connection.begin()
    visitor.close()
    await link.wait_for("lost")


@pytest.mark.checklist(38)
async def test_visitor_who_sends_more_than_a_form_is_cut_off() -> None:
    async with handed_over() as link:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(link.visitor, b"x" * (MAX_RAW_BODY_BYTES + 1))
        await link.wait_for("lost")


async def test_closing_event_follows_what_was_written() -> None:
    async with handed_over() as link:
        link.connection.write(CHUNK)
        link.connection.finish(HEARTBEAT.chunk + LAST_CHUNK)
        body = await link.read_to_end()
        assert body.startswith(CHUNK)
        assert b"<i></i>" in body
        assert body.endswith(LAST_CHUNK)
        assert len(body) == 2 * CELL_BYTES + len(LAST_CHUNK)
        await link.wait_for("lost")


async def test_cut_drops_unsent_data() -> None:
    async with handed_over() as link:
        count = await link.fill()
        link.connection.cut()
        assert len(await link.read_to_end()) < count * len(CHUNK)
        assert link.stream.calls[-1] == "lost"


async def test_finish_cuts_a_blocked_connection_after_a_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_connection, "WRITE_S", 0.01)
    async with handed_over() as link:
        await link.fill()
        link.connection.finish(HEARTBEAT.chunk + LAST_CHUNK)
        await link.wait_for("lost")


async def test_connection_that_is_already_closing_is_lost_at_once() -> None:
    transport, visitor = await accepted()
    transport.close()
    link = Link(transport, visitor)
    link.connection.begin()
    assert link.stream.calls == ["lost"]
    visitor.close()


async def test_open_connections_are_waited_for_and_then_cut() -> None:
    async with handed_over() as link:
        await link.fill()
        link.connection.finish(HEARTBEAT.chunk + LAST_CHUNK)
        await link.connections.end(within_s=0)
        await link.wait_for("lost")
        # No connection is open now, so this returns at once.
        await link.connections.end(within_s=3_600)


async def test_connection_that_was_paused_before_pauses_its_stream() -> None:
    transport, visitor = await accepted()
    while not transport.get_write_buffer_size():
        transport.write(CHUNK)
    link = Link(transport, visitor)
    link.connection.begin(b"head")
    assert link.stream.calls[-1] == "pause"
    while link.stream.calls[-1] != "resume":
        await link.read()
    transport.abort()
    visitor.close()
