"""No visitor keeps a connection longer than allowed, whatever they send, read or leave open."""

from __future__ import annotations

import asyncio
import gc
import socket
from pathlib import Path
from typing import cast

import pytest
from quart import Request

from server.core.ids import Secret
from server.demo.text_browser import TextBrowser
from server.http import timeouts
from server.http.connection import Connection
from server.http.stream_connection import StreamConnection
from server.stream.live import LiveStream
from tests.fakes import ChatPair, Talker

from .inhere import InProcessServer, in_process_server, living, run_pending_callbacks

pytestmark = pytest.mark.checklist(38)

PIECES = b"1\r\nx\r\n" * 40
WEBSOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def gone(*kinds: type) -> None:
    """Wait until no object of these types exists."""
    async with asyncio.timeout(10):
        while living(*kinds):
            await run_pending_callbacks()


def head_of(line: str, talker: Talker[TextBrowser] | None = None) -> bytes:
    cookie = f"Cookie: {talker.browser.cookie}\r\n" if talker else ""
    return f"{line} HTTP/1.1\r\nHost: x\r\n{cookie}".encode()


@pytest.mark.parametrize("line", ["GET /", "HEAD /", "PUT /", "POST /nothing", "GET /nothing"])
async def test_body_that_nobody_reads_keeps_no_connection(tmp_path: Path, line: str) -> None:
    async with in_process_server(tmp_path) as server:
        reader, writer = await server.connect()
        writer.write(head_of(line) + b"Transfer-Encoding: chunked\r\n\r\n" + PIECES)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 ")
        writer.close()
        await gone(Connection)


async def test_body_behind_the_request_of_a_stream_keeps_nothing_of_it(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        reader, writer = await server.connect()
        head = head_of(f"GET {pair.first.path}/live", pair.first)
        writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n" + PIECES)
        await reader.readuntil(b"joined")
        await gone(Connection)
        writer.close()
        await gone(StreamConnection)
        assert (await server.services.store.counts()).streams == 0


@pytest.mark.parametrize(
    "begun",
    [
        *(b"", b"PROXY ", b"PROXY TCP6 a b 1 2\r\n", b"GET / HTTP/1.1\r\nHost"),
        *(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET"),
        b"GET / HTTP/1.1\r\nHost: x\r\n" + WEBSOCKET + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n",
    ],
)
async def test_who_asks_for_nothing_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(timeouts, "REQUEST_S", 0.05)
    async with in_process_server(tmp_path) as server:
        reader, writer = await server.connect()
        writer.write(begun)
        await reader.read()
        writer.close()
        await gone(Connection)


def stop_reading(writer: asyncio.StreamWriter) -> None:
    """Stop reading what is sent."""
    cast(asyncio.Transport, writer.transport).pause_reading()


async def fill(server: InProcessServer) -> asyncio.StreamWriter:
    """Request a few KiB and read nothing, until the server waits to send."""
    _, writer = await server.connect()
    stop_reading(writer)
    await run_pending_callbacks()
    (connection,) = living(Connection)
    assert isinstance(connection, Connection)
    small = connection.writer.get_extra_info("socket")
    small.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    writer.write((head_of("GET /") + b"\r\n") * 10)
    async with asyncio.timeout(10):
        while not connection.writer.transport.get_write_buffer_size():
            await run_pending_callbacks()
    return writer


async def test_who_takes_nothing_of_little_is_hung_up_on_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "WRITE_S", 0.05)
    async with in_process_server(tmp_path) as server:
        writer = await fill(server)
        await gone(Connection)
        writer.close()


async def test_who_takes_nothing_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        writer = await fill(server)
    # The server has stopped by here, within the time limit of its shutdown.
    writer.close()
    gc.collect()


async def test_junk_behind_a_request_is_no_bug_of_the_server(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        page = (await server.browser().get("/about")).page
        (archive,) = [link for link in page.links.values() if link.endswith(".tar.gz")]
        for more in (b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n"):
            reader, writer = await server.connect()
            writer.write(head_of(f"GET {archive}") + more + b"\r\n")
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"junk\r\n")
            await run_pending_callbacks()
            await reader.read()
            writer.close()
            await gone(Connection)
        assert not server.services.failures


async def test_visitor_who_will_say_nothing_more_gets_no_stream(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        reader, writer = await server.connect()
        writer.write(head_of(f"GET {pair.first.path}/live", pair.first) + b"\r\n")
        writer.write_eof()
        await reader.read()
        writer.close()
        await gone(Connection, StreamConnection)
        assert (await server.services.store.counts()).streams == 0


async def test_connection_that_is_lost_before_it_is_handed_over_gives_its_stream_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = LiveStream.open

    async def open_and_lose(live: LiveStream) -> None:
        await begin(live)
        for connection in living(Connection):
            assert isinstance(connection, Connection)
            if connection.timeouts._idle_since_s is None:
                connection.timeouts.abort()
        # The connection is lost in the next turn of the loop; its reader notices one turn later.

        await asyncio.sleep(0)

    monkeypatch.setattr(LiveStream, "open", open_and_lose)
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        reader, writer = await server.connect()
        writer.write(head_of(f"GET {pair.first.path}/live", pair.first) + b"\r\n")
        await reader.read()
        writer.close()
        await gone(StreamConnection)
        await run_pending_callbacks()
        assert (await server.services.store.counts()).streams == 0


async def test_slow_line_holds_nothing_of_who_spoke_to_it(tmp_path: Path) -> None:
    before = living(Request)
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        reader, writer = await server.connect()
        writer.write(head_of(f"GET {pair.first.path}/live", pair.first) + b"\r\n")
        await reader.readuntil(b"joined")
        stop_reading(writer)
        (line,) = living(StreamConnection)
        assert isinstance(line, StreamConnection)
        small = line._transport.get_extra_info("socket")
        small.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        for number in range(5):
            await pair.second.send(f"{number}" * 2_000)
        assert line.is_paused
        await run_pending_callbacks()
        assert living(Request) == before
        speaker = Secret.from_cookie(pair.second.browser.cookie.partition("=")[2])
        assert speaker is not None
        held = [secret for secret in living(Secret) if secret is not speaker]
        assert speaker not in held
        writer.close()
