"""A kept-alive connection for requests: it waits for each answer, or takes it in a callback."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from server.core.limits import REQUEST_S

from .swarm import HEAD_END, Swarm

RENEWED_AFTER = 500
"""Requests on one line: Hypercorn hangs up after a thousand."""

Then = Callable[[bytes, bytes], None]
"""Called with head and body of an answer."""

KEPT_S = REQUEST_S / 2
"""Seconds after which an idle line is replaced: the server may be closing it just now."""


def split_answer(data: bytes) -> tuple[bytes, bytes] | None:
    """Head and body of an answer that names its length; `None` while some of it is missing."""
    head, end, body = data.partition(HEAD_END)
    _, _, after = head.lower().partition(b"content-length:")
    if not end or len(body) < int(after.partition(b"\r\n")[0]):
        return None
    return head, body


def is_accepted(head: bytes, body: bytes) -> None:
    """Fail if a form was not accepted."""
    assert b" 303 " in head.partition(b"\r\n")[0], head + body


class Line:
    """A kept-alive connection, opened anew after it was idle for long.

    Args:
        swarm: connects to the server, and reads the answers to `send`.
    """

    def __init__(self, swarm: Swarm) -> None:
        self._swarm = swarm
        self._line: socket.socket | None = None
        self._is_watched = False
        self._used_s, self._requests = 0.0, 0
        self._data = b""
        self._then: Then = is_accepted
        self.is_free = True
        """Whether every request that was sent is answered."""

    def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request and wait for its answer. One line uses `ask` only, or `send` only."""
        line, data = self._open(), b""
        line.sendall(request)
        while (answer := split_answer(data)) is None:
            more = line.recv(2**16)
            assert more, data
            data += more
        return answer

    def send(self, request: bytes, then: Then) -> None:
        """Send a request; the swarm reads the answer. One at a time, see `is_free`."""
        assert self.is_free
        line = self._open()
        if not self._is_watched:
            self._swarm.watch(line.fileno(), self._read)
            self._is_watched = True
        self.is_free, self._then = False, then
        line.sendall(request)

    def close(self) -> None:
        """Hang up; the next request opens another."""
        if self._line is None:
            return
        if self._is_watched:
            self._swarm.unwatch(self._line.fileno())
            self._is_watched = False
        self._line.close()
        self._line = None

    def _open(self) -> socket.socket:
        now_s = time.perf_counter()
        is_old = now_s - self._used_s > KEPT_S or self._requests >= RENEWED_AFTER
        if is_old:
            self.close()
        if self._line is None:
            self._line, self._requests = self._swarm.connect(), 0
        self._used_s, self._requests = now_s, self._requests + 1
        return self._line

    def _read(self) -> None:
        assert self._line is not None
        more = self._line.recv(2**16)
        if not more:
            assert self.is_free, "the server hung up"
            self.close()
            return
        self._data += more
        answer = split_answer(self._data)
        if answer is not None:
            self._data, self.is_free = b"", True
            self._then(*answer)
