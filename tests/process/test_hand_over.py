"""A stream takes over the connection of its request, in HTTP/1.1 and in HTTP/1.0."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypercorn.protocol.h11 import H11Protocol

from server.core.limits import CELL_BYTES
from server.demo.text_browser import TextBrowser
from server.http import connection
from server.web import request_handling
from server.web.request_handling import PIECE_BYTES
from tests.fakes import ChatPair, Talker

from .in_process import InProcessServer, in_process_server, live_objects, run_pending_callbacks
from .server_process import TOP

END = b"0\r\n\r\n"
UNKNOWN = "tests.process.unknown_hypercorn"


class RawStream:
    """A stream as raw bytes on the wire."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    @classmethod
    async def open(
        cls,
        server: InProcessServer,
        talker: Talker[TextBrowser],
        after: str = "",
        junk: bytes = b"",
    ) -> RawStream:
        """Request the stream and read its head."""
        reader, writer = await server.connect()
        cookie = f"Cookie: {talker.browser.cookie}"
        head = f"GET {talker.path}/live{after} HTTP/1.1\r\nHost: x\r\n{cookie}\r\n\r\n"
        writer.write(head.encode() + junk)
        stream = cls(reader, writer)
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        await stream.chunk()
        return stream

    async def chunk(self) -> bytes:
        """Return the next chunk, framing included."""
        size = await self._reader.readuntil(b"\r\n")
        return size + await self._reader.readexactly(int(size, 16) + 2)

    async def rest(self) -> bytes:
        """Return everything up to the end of the body."""
        return await self._reader.readuntil(END)


async def streams(server: InProcessServer) -> int:
    await run_pending_callbacks()
    return (await server.services.store.counts()).streams


async def test_each_event_is_written_in_whole_cells(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        await pair.first.send("before")
        stream = await RawStream.open(server, pair.second)
        await pair.first.send("after")
        chunks = [await stream.chunk() for _ in range(3)]
        assert [len(chunk) for chunk in chunks] == [CELL_BYTES] * 3
        assert [b"joined" in chunks[0], b">before<" in chunks[1], b">after<" in chunks[2]] == [
            True
        ] * 3
        await pair.first.send("é" * 1_000)
        assert len(await stream.chunk()) == 8 * CELL_BYTES
        assert await streams(server) == 1
        stream.writer.close()
        assert await streams(server) == 0


async def test_stream_ends_with_a_whole_cell_when_the_store_closes(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        stream = await RawStream.open(server, pair.first, "?after=1")
        await server.services.store.close()
        last = await stream.chunk()
        assert b"This conversation is over" in last
        assert len(last) == CELL_BYTES
        assert await stream.rest() == END
        assert await streams(server) == 0
        stream.writer.close()


@pytest.mark.checklist(38)
@pytest.mark.parametrize("junk", [b"", b"x", b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 30_000])
async def test_disconnect_is_noticed_even_after_extra_bytes(tmp_path: Path, junk: bytes) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        stream = await RawStream.open(server, pair.first, junk=junk)
        stream.writer.write(junk)
        assert await streams(server) == 1
        stream.writer.close()
        async with asyncio.timeout(20):
            while await streams(server):
                pass


async def test_stream_keeps_no_task_and_no_framework_object(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        await run_pending_callbacks()
        tasks, protocols = len(asyncio.all_tasks()), len(live_objects(H11Protocol))
        stream = await RawStream.open(server, pair.first)
        await run_pending_callbacks()
        assert (len(asyncio.all_tasks()), len(live_objects(H11Protocol))) == (tasks, protocols)
        await pair.second.send("still there")
        await stream.chunk()
        assert b">still there<" in await stream.chunk()
        stream.writer.close()


@pytest.mark.parametrize("steady", ["", "?steady=2"])
async def test_http_1_0_gets_the_same_without_chunks(tmp_path: Path, steady: str) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        reader, writer = await server.connect()
        head = f"GET {pair.first.path}/live{steady} HTTP/1.0\r\nHost: x\r\n"
        writer.write(f"{head}Cookie: {pair.first.browser.cookie}\r\n\r\n".encode())
        assert b"chunked" not in (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readuntil(b" are here.")
        assert body.startswith(b"<!doctype html>")
        await server.services.store.close()
        body += await reader.read()
        assert b"This conversation is over" in body
        # No chunk framing is left.
        assert not re.search(rb"\r\n[0-9a-f]+\r\n", body)
        assert await streams(server) == 0
        writer.close()


async def test_stream_works_after_a_proxy_line(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        reader, writer = await server.connect()
        cookie = f"Cookie: {pair.first.browser.cookie}"
        writer.write(b"PROXY TCP6 fc00:dead:beef:4dad::0:46 ::1 70 80\r\n")
        head = f"GET {pair.first.path}/live HTTP/1.1\r\nHost: x\r\n{cookie}\r\n\r\n"
        writer.write(head.encode())
        stream = RawStream(reader, writer)
        await reader.readuntil(b"\r\n\r\n")
        await stream.chunk()
        assert b"joined" in await stream.chunk()
        writer.close()


@pytest.mark.slow  # starts a process of its own
def test_unknown_hypercorn_version_prevents_the_start(tmp_path: Path) -> None:
    path = tmp_path / "web" / "web.sock"
    ended = subprocess.run(
        [sys.executable, "-m", UNKNOWN, "serve", "--socket", str(path)],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "sottovoce: hypercorn 0.0.1 is installed, and this program works with"
        f" {connection.KNOWN_VERSION} only\n"
        "hint: install the versions of the lock file: requirements/run.lock\n"
    )
    assert not path.exists()


def test_lock_file_has_the_known_version() -> None:
    connection.check_version()


@pytest.mark.parametrize("in_one_piece", [True, False])
async def test_truncated_form_is_not_processed(tmp_path: Path, *, in_one_piece: bool) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        composer = (await pair.first.browser.get(f"{pair.first.path}/composer")).page
        form = composer.form("/messages")
        body = f"token={form.fields['token']}&text=I+will+not".encode()
        reader, writer = await server.connect()
        lines = (
            f"POST {form.action} HTTP/1.1",
            "Host: x",
            f"Cookie: {pair.first.browser.cookie}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body) + 10}",
        )
        head = "\r\n".join([*lines, "", ""]).encode()
        if in_one_piece:
            writer.write(head + body)
        else:
            writer.write(head)
            await run_pending_callbacks()
            writer.write(body)
        await run_pending_callbacks()
        writer.close()
        await run_pending_callbacks()
        assert await reader.read() == b""
        assert await pair.second.texts() == []
        # The token was not spent: the complete form is still accepted.
        await pair.first.browser.submit(form, text="I will not stop there")
        assert await pair.second.texts() == ["I will not stop there"]


async def test_form_in_pieces_is_answered_once_it_is_complete(tmp_path: Path) -> None:
    async with in_process_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        composer = (await pair.first.browser.get(f"{pair.first.path}/composer")).page
        form = composer.form("/messages")
        body = f"token={form.fields['token']}&text=in+pieces".encode()
        reader, writer = await server.connect()
        cookie = f"Cookie: {pair.first.browser.cookie}"
        head = f"POST {form.action} HTTP/1.1\r\nHost: x\r\n{cookie}\r\n"
        for byte in f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body:
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 303 ")
        assert await pair.second.texts() == ["in pieces"]
        writer.close()


async def test_connection_is_reused_and_each_answer_is_one_write(
    tmp_path: Path,
) -> None:
    async with in_process_server(tmp_path) as server:
        reader, writer = await server.connect()
        for path, status in (("/", b"200"), ("/nothing", b"404"), ("/help", b"200")):
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            # Reads only what has arrived: a head that was written alone would arrive alone.
            received = await reader.read(2**16)
            head, _, body = received.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 " + status)
            assert len(body) == int(head.lower().partition(b"content-length: ")[2].split()[0])
        writer.close()


async def test_long_answer_arrives_complete_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_handling, "PIECE_S", 0.0)
    async with in_process_server(tmp_path) as server:
        page = (await server.browser().get("/about")).page
        (archive,) = [link for link in page.links.values() if link.endswith(".tar.gz")]
        reply = await server.browser().get(archive)
        assert reply.body == server.services.source_archive
        assert len(reply.body) > 10 * PIECE_BYTES
