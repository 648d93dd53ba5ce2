"""Huge and endless requests are refused in time, and the server stores little of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from server.core.limits import MAX_RAW_BODY_BYTES
from tests.fakes import ChatPair

from .bystanders import standing_by
from .flood import KIB, comes_true, held, is_deserted, open_files, peak_bytes, status_on
from .server_process import LaunchOptions, ServerProcess, running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

IMPATIENT = LaunchOptions(module="tests.process.impatient")

GET = b"GET /help HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /pair HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

LINE_BYTES = 48 * KIB
"""Limit for one connection and the task that serves it; 35 KiB were measured."""

# Huge requests.

HUGE = {
    "announced": (POST + b"Content-Length: 1000000000\r\n\r\n", 413),
    "in one chunk": (CHUNKED + b"3b9aca00\r\n", 413),
    "behind a GET": (GET + b"Connection: close\r\nContent-Length: 1000000000\r\n\r\n", 200),
    "a field of the head": (GET + b"X: ", 431),
    "a path": (b"GET /", 431),
}
"""Start of a request -> status of its answer."""

HUGE_LINES, HUGE_BYTES = 50, 8 * 1024 * KIB
PART = b"a" * 64 * KIB

TAKEN_BYTES = 13 * len(PART) + LINE_BYTES
"""What one connection may hold: asyncio reads up to two parts ahead, Hypercorn processes one part,
and ten wait for the application (its `max_app_queue_size`)."""


@pytest.mark.checklist(38)
async def test_huge_requests_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        async with standing_by(pair) as calm:
            before = peak_bytes(server)
            await asyncio.gather(asyncio.to_thread(send_all_that_is_huge, server), calm.talk())
            # One kind after the other: the peak is what the worst kind took.
            assert peak_bytes(server) - before < HUGE_LINES * TAKEN_BYTES
        await comes_true(server, is_deserted)


def send_all_that_is_huge(server: ServerProcess) -> None:
    """Send each kind on many connections at once."""
    for kind, (head, status) in HUGE.items():
        with held(server.open_line() for _ in range(HUGE_LINES)) as lines:
            for raw in lines:
                raw.sendall(head)
            push(lines)
            assert {status_on(raw) for raw in lines} == {status}, kind


def push(lines: Sequence[socket.socket]) -> None:
    """Send on all connections in turn, until the server reads no more on any of them."""
    sent = dict.fromkeys(lines, 0)
    while sent:
        for raw in list(sent):
            assert sent[raw] < HUGE_BYTES, "the server read the whole request"
            try:
                sent[raw] += raw.send(PART, socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
            except ConnectionError:
                del sent[raw]


# Slow requests.

ALMOST = b"a" * (MAX_RAW_BODY_BYTES - 1)

SLOW = {
    "nothing": (b"", 0),
    "part of a PROXY line": (b"PROXY TCP6 fc00", 0),
    "part of a head": (GET, 0),
    "part of a form": (POST + b"Content-Length: 90\r\n\r\ntoken", 408),
    "most of a large form": (
        POST + b"Content-Length: %d\r\n\r\n" % (len(ALMOST) + 1) + ALMOST,
        408,
    ),
    "one chunk": (CHUNKED + b"5\r\ntoken\r\n", 408),
}
"""What is sent, and nothing after it -> the status of the answer; 0 for none."""

SLOW_LINES = 100


def begin(server: ServerProcess, begun: bytes) -> socket.socket:
    """Open a connection and send the beginning of a request at once, before its time is up."""
    raw = server.open_line()
    raw.sendall(begun)
    return raw


@pytest.mark.checklist(38)
async def test_requests_that_stop_halfway_are_closed(tmp_path: Path) -> None:
    asked = [*SLOW.values()] * SLOW_LINES
    with running_server(tmp_path, around=IMPATIENT) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        async with standing_by(pair) as calm:
            files, before = open_files(server), peak_bytes(server)
            with held(begin(server, begun) for begun, _ in asked) as lines:
                await calm.talk()
                assert [status_on(raw) for raw in lines] == [status for _, status in asked]
                # The server has closed its ends; the test has not.
                await comes_true(server, lambda _: open_files(server) <= files)
            assert peak_bytes(server) - before < len(asked) * LINE_BYTES + SLOW_LINES * len(ALMOST)
        await comes_true(server, is_deserted)


TRICKLING = {
    "a head": (GET + b"X: ", 0),
    "a form": (POST + b"Content-Length: 40000\r\n\r\n", 408),
    "a form in chunks": (CHUNKED + b"9c40\r\n", 408),
}


@pytest.mark.checklist(38)
async def test_requests_that_trickle_are_closed(tmp_path: Path) -> None:
    with running_server(tmp_path, around=IMPATIENT) as server:
        with held(begin(server, begun) for begun, _ in TRICKLING.values()) as lines:
            await comes_true(server, trickle_on(lines))
            assert [status_on(raw) for raw in lines] == [s for _, s in TRICKLING.values()]
        await comes_true(server, is_deserted)


def trickle_on(lines: Sequence[socket.socket]) -> Callable[[dict[str, Any]], bool]:
    """Return a condition that sends one more byte per connection, and holds if all are closed."""
    still = [*lines]

    def trickle(_status: dict[str, Any]) -> bool:
        for raw in list(still):
            try:
                raw.sendall(b"a")
            except ConnectionError:
                still.remove(raw)
        return not still

    return trickle
