"""No visitor can keep a connection longer than allowed, whatever they send, read or leave open."""

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

from .in_process import InProcessServer, in_process_server, live_objects, run_pending_callbacks

pytestmark = pytest.mark.checklist(38)

PIECES = b"1\r\nx\r\n" * 40
WEBSOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def wait_until_freed(*kinds: type) -> None:
    """Wait until no object of these types exists."""
    async with asyncio.timeout(10):
        while live_objects(*kinds):
            await run_pending_callbacks()


def head_of(request_line: str, talker: Talker[TextBrowser] | None = None) -> bytes:
    cookie = f"Cookie: {talker.browser.cookie}\r\n" if talker else ""
    return f"{request_line} HTTP/1.1\r\nHost: x\r\n{cookie}".encode()


@pytest.mark.parametrize(
    "request_line", ["GET /", "HEAD /", "PUT /", "POST /nothing", "GET /nothing"]
)
async def test_unread_body_does_not_keep_the_connection(tmp_path: Path, request_line: str) -> None:
    async with in_process_server(tmp_path) as server:
        reader, writer = await server.connect()
        writer.write(head_of(request_line) + b"Transfer-Encoding: chunked\r\n\r\n" + PIECES)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 ")
        writer.close()
        await wait_until_freed(Connection)


async def test_body_after_a_stream_request_keeps_no_connection(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        reader, writer = await server.connect()
        head = head_of(f"GET {pair.first.path}/live", pair.first)
        writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n" + PIECES)
        await reader.readuntil(b"joined")
        await wait_until_freed(Connection)
        writer.close()
        await wait_until_freed(StreamConnection)
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
async def test_connection_without_a_next_request_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(timeouts, "REQUEST_S", 0.05)
    async with in_process_server(tmp_path) as server:
        reader, writer = await server.connect()
        writer.write(begun)
        await reader.read()
        writer.close()
        await wait_until_freed(Connection)


def stop_reading(writer: asyncio.StreamWriter) -> None:
    """Stop reading from the connection."""
    cast(asyncio.Transport, writer.transport).pause_reading()


async def fill_send_buffer(server: InProcessServer) -> asyncio.StreamWriter:
    """Request a few KiB and read nothing, until the server cannot send any more."""
    _, writer = await server.connect()
    stop_reading(writer)
    await run_pending_callbacks()
    (connection,) = live_objects(Connection)
    assert isinstance(connection, Connection)
    server_socket = connection.writer.get_extra_info("socket")
    server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    writer.write((head_of("GET /") + b"\r\n") * 10)
    async with asyncio.timeout(10):
        while not connection.writer.transport.get_write_buffer_size():
            await run_pending_callbacks()
    return writer


async def test_connection_with_small_unread_answers_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "WRITE_S", 0.05)
    async with in_process_server(tmp_path) as server:
        writer = await fill_send_buffer(server)
        await wait_until_freed(Connection)
        writer.close()


async def test_unread_answers_do_not_delay_the_stop(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        writer = await fill_send_buffer(server)
    # The server has stopped by here, within the time limit of its shutdown.
    writer.close()
    gc.collect()


async def test_junk_after_a_request_is_not_counted_as_a_bug(tmp_path: Path) -> None:
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
            await wait_until_freed(Connection)
        assert not server.services.failures


async def test_half_closed_connection_gets_no_stream(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        reader, writer = await server.connect()
        writer.write(head_of(f"GET {pair.first.path}/live", pair.first) + b"\r\n")
        writer.write_eof()
        await reader.read()
        writer.close()
        await wait_until_freed(Connection, StreamConnection)
        assert (await server.services.store.counts()).streams == 0


async def test_connection_lost_before_the_hand_over_frees_its_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = LiveStream.open

    async def open_and_lose(live: LiveStream) -> None:
        await begin(live)
        for connection in live_objects(Connection):
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
        await wait_until_freed(StreamConnection)
        await run_pending_callbacks()
        assert (await server.services.store.counts()).streams == 0


async def test_slow_reader_keeps_no_request_or_secret_of_the_sender(tmp_path: Path) -> None:
    before = live_objects(Request)
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        reader, writer = await server.connect()
        writer.write(head_of(f"GET {pair.first.path}/live", pair.first) + b"\r\n")
        await reader.readuntil(b"joined")
        stop_reading(writer)
        (stream,) = live_objects(StreamConnection)
        assert isinstance(stream, StreamConnection)
        server_socket = stream._transport.get_extra_info("socket")
        server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        for number in range(5):
            await pair.second.send(f"{number}" * 2_000)
        assert stream.is_paused
        await run_pending_callbacks()
        assert live_objects(Request) == before
        sender = Secret.from_cookie(pair.second.browser.cookie.partition("=")[2])
        assert sender is not None
        held = [secret for secret in live_objects(Secret) if secret is not sender]
        assert sender not in held
        writer.close()
