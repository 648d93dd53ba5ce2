"""Crowds that flood a server, set up as fast as possible; and the server's memory and files."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from server.demo.document import read_document

from .server_process import ANSWER_S, ServerProcess

KIB = 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """The relevant parts of an answer."""

    status: int
    location: str
    cookie: str
    """The visitor's cookie, from now on."""

    body: str

    def token(self, form: str) -> str:
        """Return the token of the form whose action ends with `form`."""
        return read_document(self.body).form(form).fields["token"]


class KeptLine(HTTPConnection):
    """Requests of any visitor on one persistent connection."""

    def __init__(self, server: ServerProcess) -> None:
        super().__init__("sottovoce", timeout=ANSWER_S)
        self._server = server

    def connect(self) -> None:
        """Open the connection; the first request calls it."""
        self.sock: Any = self._server.open_line()

    def send_off(self, method: str, path: str, cookie: str = "", **fields: str) -> None:
        """Send a request, with these fields as its form."""
        body = urlencode(fields) if fields else None
        self.request(method, path, body, {"cookie": cookie} if cookie else {})

    def answer(self, cookie: str = "") -> Answer:
        """Read the whole answer."""
        with self.getresponse() as response:
            received = response.headers.get("set-cookie", cookie).partition(";")[0]
            location = response.headers.get("location", "")
            return Answer(response.status, location, received, response.read().decode())

    def ask(self, method: str, path: str, cookie: str = "", **fields: str) -> Answer:
        """Send a request and read the answer."""
        self.send_off(method, path, cookie, **fields)
        return self.answer(cookie)


@dataclass(frozen=True, slots=True)
class Seat:
    """One session in one conversation."""

    cookie: str
    chat: str

    def ask_for_stream(self, server: ServerProcess, behind: bytes = b"") -> socket.socket:
        """Request the stream, with these bytes after the request, and read nothing."""
        raw = server.open_line()
        head = f"GET {self.chat}/live HTTP/1.1\r\nHost: x\r\nCookie: {self.cookie}\r\n\r\n"
        raw.sendall(head.encode() + behind)
        return raw

    def open_stream(self, server: ServerProcess) -> socket.socket:
        """Request the stream, and wait until it begins."""
        raw = self.ask_for_stream(server)
        assert status_on(raw) == 200
        return raw

    def ask(self, line: KeptLine, method: str, page: str) -> Answer:
        """Request a page of the conversation."""
        return line.ask(method, f"{self.chat}{page}", self.cookie)

    def say_without_waiting(self, line: KeptLine, token: str, text: str) -> None:
        """Send a message. The caller must read the answer from the connection."""
        line.send_off("POST", f"{self.chat}/messages", self.cookie, token=token, text=text)

    def say(self, line: KeptLine, text: str) -> Answer:
        """Send a message, with a token from a fresh composer."""
        token = self.ask(line, "GET", "/composer").token("/messages")
        self.say_without_waiting(line, token, text)
        return line.answer(self.cookie)


def seat_pairs(server: ServerProcess, count: int) -> list[Seat]:
    """Return `count` sessions, each in a pair with the next."""
    seats = []
    with closing(KeptLine(server)) as line:
        token = line.ask("GET", "/").token("/pair")
        for _ in range(count // 2):
            waits = line.ask("POST", "/pair", token=token, intent="talk")
            comes = line.ask("POST", "/pair", token=token, intent="listen")
            found = line.ask("GET", "/wait", waits.cookie)
            seats += [Seat(found.cookie, found.location), Seat(comes.cookie, comes.location)]
    return seats


def seat_in_room(server: ServerProcess, count: int) -> list[Seat]:
    """Return `count` sessions in the common room."""
    seats = []
    with closing(KeptLine(server)) as line:
        token = line.ask("GET", "/rooms").token("/common/join")
        for _ in range(count):
            inside = line.ask("POST", "/rooms/common/join", token=token)
            seats.append(Seat(inside.cookie, inside.location))
    return seats


@contextmanager
def held(lines: Iterable[socket.socket]) -> Iterator[list[socket.socket]]:
    """Keep connections open during the block."""
    with ExitStack() as stack:
        yield [stack.enter_context(raw) for raw in lines]


def status_on(raw: socket.socket) -> int:
    """Return the status of the answer on a connection; 0 if the server closes without one."""
    try:
        found = re.match(rb"HTTP/1\.1 (\d{3}) ", raw.recv(2**16))
    except ConnectionError:
        return 0
    return int(found[1]) if found else 0


def read_up_to(raw: socket.socket, text: str) -> None:
    """Read until `text` has arrived.

    Raises:
        AssertionError: if the server closes before.
    """
    received = b""
    while text.encode() not in received:
        part = raw.recv(2**16)
        assert part, f"{text!r} did not arrive"
        received += part


def peak_bytes(server: ServerProcess) -> int:
    """Return the server's peak resident memory. Source: proc(5), VmHWM."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def open_files(server: ServerProcess) -> int:
    """Return how many files the server has open, including its connections."""
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


async def comes_true(server: ServerProcess, is_so: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until a condition on the server's status holds.

    Each turn is a round trip to the server, so the loop waits for the server.
    """
    async with asyncio.timeout(ANSWER_S):
        while not is_so(server.ask_admin(b"status\n")):
            assert (await server.browser().get("/help")).status == 200


def is_deserted(status: dict[str, Any]) -> bool:
    """Whether no stream is open and nothing has failed."""
    return (status["streams"], status["failures"]) == (0, 0)
