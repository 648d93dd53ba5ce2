"""Sessions that flood a server, set up as fast as possible; the server's memory and open files."""

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
    """The visitor's cookie after this answer."""

    body: str

    def token(self, form: str) -> str:
        """Return the token of the form whose action ends with `form`."""
        return read_document(self.body).form(form).fields["token"]


class PersistentConnection(HTTPConnection):
    """One persistent connection that carries requests of any visitor."""

    def __init__(self, server: ServerProcess) -> None:
        super().__init__("sottovoce", timeout=ANSWER_S)
        self._server = server

    def connect(self) -> None:
        """Open the connection; the first request calls it."""
        self.sock: Any = self._server.open_connection()

    def send_request(self, method: str, path: str, cookie: str = "", **fields: str) -> None:
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
        self.send_request(method, path, cookie, **fields)
        return self.answer(cookie)


@dataclass(frozen=True, slots=True)
class Membership:
    """The membership of one session in one conversation."""

    cookie: str
    chat: str

    def request_stream(self, server: ServerProcess, behind: bytes = b"") -> socket.socket:
        """Request the stream, with `behind` after the request, and read nothing."""
        raw = server.open_connection()
        head = f"GET {self.chat}/live HTTP/1.1\r\nHost: x\r\nCookie: {self.cookie}\r\n\r\n"
        raw.sendall(head.encode() + behind)
        return raw

    def open_stream(self, server: ServerProcess) -> socket.socket:
        """Request the stream, and wait until it begins."""
        raw = self.request_stream(server)
        assert status_on(raw) == 200
        return raw

    def ask(self, connection: PersistentConnection, method: str, page: str) -> Answer:
        """Request a page of the conversation."""
        return connection.ask(method, f"{self.chat}{page}", self.cookie)

    def post_without_waiting(self, connection: PersistentConnection, token: str, text: str) -> None:
        """Send a message. The caller must read the answer from the connection."""
        path = f"{self.chat}/messages"
        connection.send_request("POST", path, self.cookie, token=token, text=text)

    def post(self, connection: PersistentConnection, text: str) -> Answer:
        """Send a message, with a token from a fresh composer."""
        token = self.ask(connection, "GET", "/composer").token("/messages")
        self.post_without_waiting(connection, token, text)
        return connection.answer(self.cookie)


def make_pairs(server: ServerProcess, count: int) -> list[Membership]:
    """Create `count` sessions, each in a pair with the next."""
    members = []
    with closing(PersistentConnection(server)) as connection:
        token = connection.ask("GET", "/").token("/pair")
        for _ in range(count // 2):
            waiting = connection.ask("POST", "/pair", token=token, intent="talk")
            arriving = connection.ask("POST", "/pair", token=token, intent="listen")
            matched = connection.ask("GET", "/wait", waiting.cookie)
            members += [Membership(a.cookie, a.location) for a in (matched, arriving)]
    return members


def join_common_room(server: ServerProcess, count: int) -> list[Membership]:
    """Create `count` sessions in the common room."""
    members = []
    with closing(PersistentConnection(server)) as connection:
        token = connection.ask("GET", "/rooms").token("/common/join")
        for _ in range(count):
            joined = connection.ask("POST", "/rooms/common/join", token=token)
            members.append(Membership(joined.cookie, joined.location))
    return members


@contextmanager
def kept_open(connections: Iterable[socket.socket]) -> Iterator[list[socket.socket]]:
    """Keep connections open during the block."""
    with ExitStack() as stack:
        yield [stack.enter_context(raw) for raw in connections]


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
        AssertionError: if the server closes the connection first.
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


OWN = 1
"""The connection of `wait_until` itself, which may still be open when it asks."""


def open_files(server: ServerProcess) -> int:
    """Return how many files the server has open, including its connections."""
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


async def wait_until(server: ServerProcess, holds: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until a condition on the server's status holds.

    Each iteration is a round trip to the server, so the loop does not spin.
    """
    async with asyncio.timeout(ANSWER_S):
        while not holds(server.ask_admin(b"status\n")):
            assert (await server.browser().get("/help")).status == 200


def is_idle(status: dict[str, Any]) -> bool:
    """Whether no stream is open and nothing has failed."""
    return (status["streams"], status["failures"]) == (0, 0)
