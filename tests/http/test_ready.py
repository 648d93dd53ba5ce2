"""A response that was made before is the same on the wire as one whose head is made each time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.http import connection
from server.http.ready import ReadyResponse
from server.web.edge import ready_pages
from tests.failures import Failures
from tests.process.in_process import InProcessServer, in_process_server

ANSWER_S = 20.0
PATHS = ("/help", "/privacy", "/blank", "/wait", "/nowhere", "/chat/abcdefghijkl/composer")
COOKIE = "Cookie: __Host-s=" + "A" * 43 + "\r\n"
LAST = b"GET /over HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

REQUESTS = {
    "kept open": "GET {} HTTP/1.1\r\nHost: x\r\n\r\n",
    "unknown cookie": "GET {} HTTP/1.1\r\nHost: x\r\n" + COOKIE + "\r\n",
    "head alone": "HEAD {} HTTP/1.1\r\nHost: x\r\n\r\n",
    "closed after it": "GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "an older version": "GET {} HTTP/1.0\r\n\r\n",
    "head in an older version": "HEAD {} HTTP/1.0\r\n\r\n",
    "with a body": "GET {} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "with half of a body": "GET {} HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\nabc",
    "with no chunk": "GET {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
}


async def answers_to(server: InProcessServer, requests: bytes, *, ends: bool = False) -> bytes:
    """Everything that comes back, up to the end of the connection."""
    reader, writer = await server.connect()
    writer.write(requests)
    if ends:
        writer.write_eof()
    async with asyncio.timeout(ANSWER_S):
        answers = await reader.read()
    writer.close()
    return answers


def each_made_anew(*_: object) -> None:
    """Keep no response."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[ReadyResponse]:
    """The responses that were sent as they were made before."""
    responses: list[ReadyResponse] = []
    send_ready = connection._Http11.send_ready

    async def seen(self: connection._Http11, response: ReadyResponse, *, is_head: bool) -> None:
        responses.append(response)
        await send_ready(self, response, is_head=is_head)

    monkeypatch.setattr(connection._Http11, "send_ready", seen)
    return responses


async def both_ways(
    folder: Path, monkeypatch: pytest.MonkeyPatch, requests: dict[str, bytes], *, ends: bool = False
) -> list[dict[str, bytes]]:
    """The answers to each, ready ones first, and then made anew."""
    found = []
    for way in ("ready", "anew"):
        with monkeypatch.context() as patched:
            if way == "anew":
                patched.setattr(ready_pages, "ReadyResponse", each_made_anew)
            async with in_process_server(folder / way) as server:
                found.append(
                    {
                        name: await answers_to(server, asked, ends=ends)
                        for name, asked in requests.items()
                    }
                )
    return found


async def test_ready_response_is_the_same_on_the_wire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: list[ReadyResponse]
) -> None:
    requests = {
        f"{path}, {name}": request.format(path).encode() + LAST
        for path in PATHS
        for name, request in REQUESTS.items()
    }
    ready, anew = await both_ways(tmp_path, monkeypatch, requests)
    with Failures() as failures:
        for name, answers in ready.items():
            with failures.of(name):
                assert answers.startswith(b"HTTP/1.1 ")
                assert answers == anew[name]
    assert len(sent) > len(requests)


async def test_ready_response_reaches_a_visitor_who_has_closed_the_sending_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: list[ReadyResponse]
) -> None:
    requests = {path: REQUESTS["kept open"].format(path).encode() for path in PATHS}
    ready, anew = await both_ways(tmp_path, monkeypatch, requests, ends=True)
    assert ready == anew
    assert all(answer.startswith(b"HTTP/1.1 ") for answer in ready.values())
    assert len(sent) == len(requests)


async def test_last_ready_response_of_a_connection_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: list[ReadyResponse]
) -> None:
    monkeypatch.setattr(connection._CONFIG, "keep_alive_max_requests", 2)
    asked = REQUESTS["kept open"].format("/help").encode()
    ready, anew = await both_ways(tmp_path, monkeypatch, {"all": 3 * asked})
    assert ready == anew
    assert ready["all"].count(b"HTTP/1.1 200") == 2
    assert ready["all"].count(b"connection: close") == 1
    assert len(sent) == 2
