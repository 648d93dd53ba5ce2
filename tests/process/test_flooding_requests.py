"""Huge and endless requests are refused in time, and the server buffers little of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from server.core.limits import MAX_RAW_BODY_BYTES
from tests.fakes import ChatPair

from .bystanders import chatting_bystanders
from .flood import KIB, OWN, is_idle, kept_open, open_files, peak_bytes, status_on, wait_until
from .server_process import LaunchOptions, ServerProcess, running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

IMPATIENT = LaunchOptions(module="tests.process.impatient")

GET = b"GET /help HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /pair HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

CONNECTION_BYTES = 48 * KIB
"""Memory limit for one connection and its task; 35 KiB were measured."""

# Huge requests.

HUGE = {
    "announced": (POST + b"Content-Length: 1000000000\r\n\r\n", 413),
    "in one chunk": (CHUNKED + b"3b9aca00\r\n", 413),
    "behind a GET": (GET + b"Connection: close\r\nContent-Length: 1000000000\r\n\r\n", 200),
    "a field of the head": (GET + b"X: ", 431),
    "a path": (b"GET /", 431),
}
"""Start of a request -> status of its answer."""

HUGE_CONNECTIONS, HUGE_BYTES = 50, 8 * 1024 * KIB
PART = b"a" * 64 * KIB

TAKEN_BYTES = 13 * len(PART) + CONNECTION_BYTES
"""Memory limit for one connection: asyncio reads up to two parts ahead, Hypercorn processes one
part, and ten wait for the application (`max_app_queue_size`)."""


@pytest.mark.checklist(38)
async def test_huge_requests_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        async with chatting_bystanders(pair) as bystanders:
            before = peak_bytes(server)
            await asyncio.gather(asyncio.to_thread(send_huge_requests, server), bystanders.talk())
            # The kinds are sent one after the other, so the peak is that of the worst kind.
            assert peak_bytes(server) - before < HUGE_CONNECTIONS * TAKEN_BYTES
        await wait_until(server, is_idle)


def send_huge_requests(server: ServerProcess) -> None:
    """Send each kind on many connections at once."""
    for kind, (head, status) in HUGE.items():
        with kept_open(server.open_connection() for _ in range(HUGE_CONNECTIONS)) as connections:
            for raw in connections:
                raw.sendall(head)
            push(connections)
            assert {status_on(raw) for raw in connections} == {status}, kind


def push(connections: Sequence[socket.socket]) -> None:
    """Send on all connections in turn until the server closes each of them."""
    sent = dict.fromkeys(connections, 0)
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
"""Start of a request that is never completed -> status of the answer; 0 if there is none."""

SLOW_CONNECTIONS = 100


def begin(server: ServerProcess, start: bytes) -> socket.socket:
    """Open a connection and send the start of a request at once, before the timeout."""
    raw = server.open_connection()
    raw.sendall(start)
    return raw


@pytest.mark.checklist(38)
async def test_requests_that_stop_halfway_are_closed(tmp_path: Path) -> None:
    requests = [*SLOW.values()] * SLOW_CONNECTIONS
    with running_server(tmp_path, launch=IMPATIENT) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        async with chatting_bystanders(pair) as bystanders:
            files, before = open_files(server), peak_bytes(server)
            with kept_open(begin(server, start) for start, _ in requests) as connections:
                await bystanders.talk()
                assert [status_on(raw) for raw in connections] == [status for _, status in requests]
                # The server has closed its connections; the test has not.
                await wait_until(server, lambda _: open_files(server) <= files + OWN)
            limit = len(requests) * CONNECTION_BYTES + SLOW_CONNECTIONS * len(ALMOST)
            assert peak_bytes(server) - before < limit
        await wait_until(server, is_idle)


TRICKLING = {
    "a head": (GET + b"X: ", 0),
    "a form": (POST + b"Content-Length: 40000\r\n\r\n", 408),
    "a form in chunks": (CHUNKED + b"9c40\r\n", 408),
}


@pytest.mark.checklist(38)
async def test_requests_that_trickle_are_closed(tmp_path: Path) -> None:
    with running_server(tmp_path, launch=IMPATIENT) as server:
        with kept_open(begin(server, start) for start, _ in TRICKLING.values()) as connections:
            await wait_until(server, trickle_on(connections))
            assert [status_on(raw) for raw in connections] == [s for _, s in TRICKLING.values()]
        await wait_until(server, is_idle)


def trickle_on(connections: Sequence[socket.socket]) -> Callable[[dict[str, Any]], bool]:
    """Return a condition that sends one more byte per connection; it holds once all are closed."""
    open_ones = [*connections]

    def trickle(_status: dict[str, Any]) -> bool:
        for raw in list(open_ones):
            try:
                raw.sendall(b"a")
            except ConnectionError:
                open_ones.remove(raw)
        return not open_ones

    return trickle
