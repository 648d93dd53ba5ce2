"""The server sends whole cells and short heads, and speaks only HTTP/1.1."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from server.core.limits import CELL_BYTES, MAX_RAW_BODY_BYTES
from server.demo.text_browser import TextBrowser
from server.web.edge.headers import EVERYWHERE
from tests.failures import Failures
from tests.fakes import ChatPair, press_intent
from tests.web.routes import ROUTES, method_of, path_of
from tests.web.wire import REVEALING

from .server_process import ServerProcess, read_all, running_server

GET = b"GET /help HTTP/1.1\r\nHost: sottovoce\r\nConnection: close\r\n\r\n"
PROXY = b"PROXY TCP6 fc00:dead:beef:4dad::0:46 ::1 70 80\r\n"
ONION = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx.onion"


class RawStream:
    """A live stream read as bytes, chunk by chunk, with the framing counted."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, server: ServerProcess, browser: TextBrowser, path: str) -> RawStream:
        """Request a stream; read the HTTP head and the start of its document."""
        reader, writer = await server.connect()
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {browser.cookie}\r\n\r\n"
        writer.write(head.encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        stream = cls(reader, writer)
        assert (await stream.chunk())[1].startswith(b"<!doctype html>")
        return stream

    async def chunk(self) -> tuple[int, bytes]:
        """Return the next chunk: its size on the wire in bytes, and its payload."""
        length_line = await self._reader.readuntil(b"\r\n")
        body = await self._reader.readexactly(int(length_line, 16) + 2)
        assert body.endswith(b"\r\n")
        return len(length_line) + len(body), body[:-2]

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()


@pytest.mark.checklist(19)
async def test_messages_of_1_and_of_200_characters_take_one_cell_each(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    stream = await RawStream.open(server, pair.first.browser, f"{pair.first.path}/live?after=1")
    sizes = []
    for text in ("a", "a" * 200):
        await pair.second.send(text)
        wire_bytes, payload = await stream.chunk()
        assert f">{text}<".encode() in payload
        sizes.append(wire_bytes)
    stream.close()
    assert sizes == [CELL_BYTES, CELL_BYTES]


async def test_every_event_takes_a_power_of_two_of_cells(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    stream = await RawStream.open(server, pair.first.browser, f"{pair.first.path}/live")
    for text in ("x" * 500, "\u1000" * 2_000):
        await pair.second.send(text)
    await pair.second.press("leave")
    sizes = [(await stream.chunk())[0] for _ in range(4)]
    stream.close()
    # The joined event, a message longer than one cell, one of 6,000 bytes, and the left event.
    assert [size / CELL_BYTES for size in sizes] == [1, 2, 16, 1]


async def test_end_of_the_wait_is_one_cell(server: ServerProcess) -> None:
    waiter, newcomer = server.browser(), server.browser()
    start = await waiter.get("/")
    await waiter.submit(start.page.form("/pair"), intent="talk")
    stream = await RawStream.open(server, waiter, "/wait/live")
    start = await newcomer.get("/")
    await newcomer.submit(start.page.form("/pair"), intent="listen")
    wire_bytes, payload = await stream.chunk()
    stream.close()
    assert wire_bytes == CELL_BYTES
    assert payload.startswith(b"<meta http-equiv=refresh")


@pytest.mark.parametrize(
    "writes",
    [
        (GET,),
        (PROXY + GET,),
        (PROXY, GET),
        (PROXY[:3], PROXY[3:] + GET),
        (PROXY[:40], PROXY[40:], GET),
        (PROXY + GET[:9], GET[9:]),
        (b"PROXY UNKNOWN\r\n", GET),
    ],
)
def test_proxy_line_may_come_before_the_first_request(
    server: ServerProcess, writes: tuple[bytes, ...]
) -> None:
    assert server.exchange(*writes).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("cut", [1, 3, 6, 40, len(PROXY) - 1, len(PROXY), len(PROXY) + 9])
def test_proxy_line_and_request_may_come_in_two_reads(server: ServerProcess, cut: int) -> None:
    with server.raw_connection() as raw:
        raw.sendall((PROXY + GET)[:cut])
        # Once these are answered, the server has read the first part separately.
        for _ in range(3):
            assert server.exchange(GET)
        raw.sendall((PROXY + GET)[cut:])
        assert read_all(raw).startswith(b"HTTP/1.1 200 ")


def test_overlong_proxy_line_is_rejected(server: ServerProcess) -> None:
    assert server.exchange(PROXY[:-2] + b" " * 99 + b"\r\n" + GET).startswith(b"HTTP/1.1 400 ")


def test_request_may_come_byte_by_byte(server: ServerProcess) -> None:
    assert server.exchange(*(bytes([byte]) for byte in PROXY + GET)).startswith(b"HTTP/1.1 200 ")


def test_post_that_begins_like_a_proxy_line_is_a_post(server: ServerProcess) -> None:
    request = b"POST /pair HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    assert server.exchange(request[:1], request[1:]).startswith(b"HTTP/1.1 403 ")


def test_second_request_on_a_connection_is_answered_too(server: ServerProcess) -> None:
    kept = GET.replace(b"Connection: close\r\n", b"")
    answers = server.exchange(PROXY + kept + GET)
    assert answers.count(b"HTTP/1.1 200 ") == 2


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        PROXY + PROXY + GET,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"POST /pair HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
def test_requests_that_no_browser_sends_are_refused(
    server: ServerProcess, request_bytes: bytes
) -> None:
    with server.raw_connection() as raw:
        raw.sendall(request_bytes)
        answer = raw.recv(2**16)
    assert answer.startswith(b"HTTP/1.1 4")


UPGRADES = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
)


@pytest.mark.checklist(6)
def test_upgrade_is_refused(server: ServerProcess) -> None:
    with Failures() as failures:
        for route in ROUTES:
            for upgrade in UPGRADES:
                with failures.of(f"{route}, {upgrade!r}"), server.raw_connection() as raw:
                    raw.sendall(request_for(route).replace(b"Connection: close\r\n", upgrade))
                    answer = raw.recv(2**16)
                    assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 303 ", b"HTTP/1.1 4"))
                    assert b"upgrade" not in answer.lower().partition(b"\r\n\r\n")[0]


@pytest.mark.checklist(6)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "X"])
async def test_other_methods_are_rejected_with_the_allowed_ones(
    server: ServerProcess, method: str
) -> None:
    reply = await server.browser().request(method, "/")
    assert (reply.status, reply.body) == (405, b"")
    assert reply.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/", "/help", "/nothing"])
async def test_head_is_get_without_its_body(server: ServerProcess, path: str) -> None:
    request = f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = server.exchange(request.encode())
    got = await server.browser().get(path)
    assert answer.startswith(f"HTTP/1.1 {got.status} ".encode())
    assert answer.endswith(b"\r\n\r\n")


async def test_head_of_a_stream_ends_and_uses_no_stream(server: ServerProcess) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    streams = server.ask_admin(b"status\n")["streams"]
    for path in (f"{pair.first.path}/live", f"{pair.first.path}/composer"):
        request = (
            f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Cookie: {pair.first.browser.cookie}\r\n\r\n"
        )
        assert server.exchange(request.encode()).startswith(b"HTTP/1.1 200 ")
    assert server.ask_admin(b"status\n")["streams"] == streams


def request_for(route: str, *fields: str) -> bytes:
    """Return a request for a route without a session, with these additional header fields."""
    lines = [f"{method_of(route)} {path_of(route)} HTTP/1.1", "Host: x", "Connection: close"]
    if method_of(route) == "POST":
        lines.append("Content-Length: 0")
    return "\r\n".join([*lines, *fields, "", ""]).encode()


def fields_of(answer: bytes) -> dict[str, str]:
    """Return the fields of an answer's head in lower case; each may occur once."""
    head = answer.partition(b"\r\n\r\n")[0].decode().lower()
    lines = [line.split(": ", 1) for line in head.splitlines()[1:]]
    assert len({name for name, _ in lines}) == len(lines)
    return dict(lines)


def check_fields(fields: dict[str, str]) -> None:
    """Check all headers of the table, apart from nonces, and that none names the server."""
    sent = {name: re.sub(r" 'nonce-[\w-]+'", "", fields[name]) for name in EVERYWHERE}
    assert sent == {name: value.lower() for name, value in EVERYWHERE.items()}
    assert not REVEALING & set(fields)


@pytest.mark.checklist(1, 2, 4, 21)
def test_answer_has_all_headers_and_none_that_names_the_server(
    server: ServerProcess,
) -> None:
    with Failures() as failures:
        for route in ROUTES:
            for request in (
                request_for(route),
                request_for(route).replace(b"GET ", b"HEAD ", 1),
                request_for(route).replace(b" /", b" /nothing/", 1),
                request_for(route, "Accept-Encoding: gzip, deflate, br, zstd"),
            ):
                with failures.of(request):
                    fields = fields_of(server.exchange(request))
                    check_fields(fields)
                    assert "content-encoding" not in fields


@pytest.mark.checklist(1, 2, 4)
async def test_stream_has_all_headers_and_none_that_names_the_server(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    waiter = server.browser()
    waits = await press_intent(waiter, "talk")
    for browser, path in (
        (pair.first.browser, f"{pair.first.path}/live"),
        (waiter, "/wait/live"),
    ):
        async with browser.stream(path) as stream:
            assert stream.status == 200
            check_fields({name: value.lower() for name, value in stream.headers.items()})
    await waiter.submit(waits.page.form("/wait/cancel"))


@pytest.mark.parametrize("announced", [True, False])
def test_body_over_the_limit_is_refused_before_it_is_read(
    server: ServerProcess, announced: bool
) -> None:
    head = b"POST /pair HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    with server.raw_connection() as raw:
        if announced:
            # The announced body is never sent, so the answer did not wait for it.
            raw.sendall(head + b"Content-Length: %d\r\n\r\n" % (MAX_RAW_BODY_BYTES + 1))
        else:
            size = MAX_RAW_BODY_BYTES + 1
            raw.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % size + b"a" * size)
        assert raw.recv(2**16).startswith(b"HTTP/1.1 413 ")


async def test_burmese_message_of_the_full_length_arrives(server: ServerProcess) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    text = "\u1000" * 2_000
    assert len(urlencode({"text": text})) > 18_000
    assert (await pair.first.send(text)).status == 200
    assert await pair.second.texts() == [text]


@pytest.mark.checklist(7)
@pytest.mark.slow  # a process of its own
def test_server_with_an_address_serves_no_other_host(tmp_path: Path) -> None:
    with running_server(tmp_path, "--onion", ONION) as server:
        for host in (ONION, ONION.upper(), f"{ONION}:80"):
            assert ask_as(server, host).startswith(b"HTTP/1.1 200 ")
        for host in ("", "elsewhere.onion", f"{ONION}.elsewhere", f"x.{ONION}", f"{ONION}:8080"):
            check_unanswered(ask_as(server, host))
        for route in ROUTES:
            check_unanswered(server.exchange(request_for(route)))


def check_unanswered(answer: bytes) -> None:
    """Check that an answer is a refusal without content or redirect."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 4")
    assert body == b""
    assert not {"location", "refresh", "set-cookie"} & set(fields_of(answer))
    check_fields(fields_of(answer))


FIELDS_OF_GATEWAYS = (
    *("X-TOR2WEB: 1", "x-forwarded-FOR:", "FORWARDED: for=x", "Via:x"),
    "Accept-Encoding: chunked",
)


@pytest.mark.checklist(8)
def test_gateway_is_rejected_however_its_header_is_written(server: ServerProcess) -> None:
    with Failures() as failures:
        for route in ROUTES:
            for field in FIELDS_OF_GATEWAYS:
                with failures.of(f"{route}, {field}"):
                    answer = server.exchange(request_for(route, field))
                    assert answer.startswith(b"HTTP/1.1 403 ")
                    assert b"Please use Tor Browser" in answer
                    assert "set-cookie" not in fields_of(answer)
                    check_fields(fields_of(answer))


@pytest.mark.checklist(8)
async def test_gateway_is_rejected_before_its_form_is_read(server: ServerProcess) -> None:
    with server.raw_connection() as raw:
        # The announced body is never sent, so the answer did not wait for it.
        raw.sendall(b"POST /pair HTTP/1.1\r\nHost: x\r\nVia: x\r\nContent-Length: 90\r\n\r\n")
        assert raw.recv(2**16).startswith(b"HTTP/1.1 403 ")


def post_language(after: bytes) -> bytes:
    """Return a form of a text browser on a connection that stays open, and what follows it."""
    head = b"POST /language HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\nlang=fa"
    return head + after


@pytest.mark.parametrize("pieces", [[b"\r\n"], [b"\r", b"\n"], [b""]])
async def test_empty_line_after_a_form_is_passed_over(
    server: ServerProcess, pieces: list[bytes]
) -> None:
    """Some text browsers end the body of a form with one."""
    reader, writer = await server.connect()
    for _ in range(2):
        writer.write(post_language(pieces[0]))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 303 ")
        for piece in pieces[1:]:
            writer.write(piece)
    writer.write(GET)
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_empty_line_after_a_form_of_w3m_is_passed_over(server: ServerProcess) -> None:
    """w3m speaks HTTP/1.0: after its form, nothing but the end of the connection is expected."""
    form = post_language(b"\r\n").replace(b"HTTP/1.1", b"HTTP/1.0")
    for more, status in ((b"", b"303"), (b"\r\n", b"400"), (GET, b"400")):
        assert server.exchange(form + more).startswith(b"HTTP/1.1 " + status)


async def test_only_one_empty_line_is_passed_over(server: ServerProcess) -> None:
    for sent in (b"\r\n\r\n" + GET, b"\n" + GET, b"\r" + GET, b"x\r\n" + GET):
        assert server.exchange(sent).startswith(b"HTTP/1.1 400 ")
    assert server.exchange(b"\r\n" + GET).startswith(b"HTTP/1.1 200 ")


def ask_as(server: ServerProcess, host: str) -> bytes:
    return server.exchange(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())


async def test_abrupt_disconnects_break_nothing(server: ServerProcess) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    cookie = pair.first.browser.cookie.encode()
    live = f"GET {pair.first.path}/live HTTP/1.1\r\nHost: x\r\n".encode()
    live += b"Cookie: " + cookie + b"\r\n\r\n"
    for beginning in (
        b"",
        PROXY[:9],
        PROXY,
        GET[:20],
        GET,
        live,
        live + b"more bytes after the GET",
    ):
        with server.raw_connection() as raw:
            raw.sendall(beginning)
    await pair.second.send("still here")
    assert await pair.first.texts() == ["still here"]
    assert server.ask_admin(b"status\n")["failures"] == 0


async def test_stream_is_freed_when_its_reader_disconnects(server: ServerProcess) -> None:
    before = server.ask_admin(b"status\n")["streams"]
    pair = await ChatPair.meet(server.browser(), server.browser())
    stream = await RawStream.open(server, pair.first.browser, f"{pair.first.path}/live")
    assert server.ask_admin(b"status\n")["streams"] > 0
    stream.close()
    async with asyncio.timeout(20):
        while server.ask_admin(b"status\n")["streams"] != before:
            # Each iteration is a round trip to the server.
            await pair.second.browser.get("/help")


async def test_newer_stream_ends_the_older_one_with_a_redirect(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    older = await RawStream.open(server, pair.first.browser, f"{pair.first.path}/live?after=1")
    newer = await RawStream.open(server, pair.first.browser, f"{pair.first.path}/live?after=1")
    wire_bytes, payload = await older.chunk()
    newer.close()
    older.close()
    assert wire_bytes == CELL_BYTES
    assert f"url={pair.first.path}/moved".encode() in payload


def test_half_closed_connection_gets_its_answer_or_an_end(server: ServerProcess) -> None:
    with server.raw_connection() as raw:
        raw.sendall(GET)
        raw.shutdown(1)
        answer = read_all(raw)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 200 ")
