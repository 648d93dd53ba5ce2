"""Thousands of open streams on one epoll: what arrives is counted and timed, and never kept.

No event loop, no object with buffers for each stream: one `recv_into` and one `count` per read,
so that the driver uses less of its core than any server uses of its own.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from server.core.limits import CELL_BYTES

MARK = b">text "
"""Occurs once in each message, before its number, and nowhere else."""

LAST_CHUNK = b"0\r\n\r\n"
HEAD_END = b"\r\n\r\n"
OPENING = 64
"""Streams whose heads are waited for at once."""

OnMark = Callable[[int, float, int], None]
"""Called with the stream, the moment, and how many messages arrived."""


class Swarm:
    """The streams, and the lines on which requests are sent beside them."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._epoll = select.epoll()
        self._streams: dict[int, socket.socket] = {}
        self._tails: dict[int, bytes] = {}
        self._others: dict[int, Callable[[], None]] = {}
        # Of whole cells, so that a mark is cut only where the server wrote half a chunk.
        self._buffer = bytearray(128 * CELL_BYTES)
        self._count = 0
        self.on_mark: OnMark | None = None
        self.delivered = 0
        """Messages that arrived, on all streams together."""

        self.received = 0
        """Bytes that arrived, heads not counted."""

        self.ended_whole = 0
        """Streams that ended with their last chunk."""

    def __len__(self) -> int:
        return len(self._streams)

    def connect(self) -> socket.socket:
        """Connect to the server."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.connect(self._path)
        return line

    def watch(self, fd: int, on_readable: Callable[[], None]) -> None:
        """Call a function whenever this descriptor is readable."""
        self._others[fd] = on_readable
        self._epoll.register(fd, select.EPOLLIN)

    def unwatch(self, fd: int) -> None:
        """Stop watching a descriptor."""
        self._epoll.unregister(fd)
        del self._others[fd]

    def has(self, posts: bytes) -> bool:
        """Whether the last read holds these bytes; for use in `on_mark`."""
        return self._buffer.find(posts, 0, self._count) >= 0

    def open(self, requests: Sequence[bytes]) -> list[int]:
        """Open a stream for each request, `OPENING` at a time; return when all heads are there.

        Returns:
            Their descriptors, as `on_mark` gets them.
        """
        opened = []
        for first in range(0, len(requests), OPENING):
            lines = [self.connect() for _ in requests[first : first + OPENING]]
            for line, request in zip(lines, requests[first:], strict=False):
                line.sendall(request)
            for line in lines:
                _read_head(line)
                line.setblocking(False)
                self._streams[line.fileno()] = line
                self._epoll.register(line.fileno(), select.EPOLLIN)
                opened.append(line.fileno())
        return opened

    def turn(self, wait_s: float) -> None:
        """Read what has arrived; if nothing has, wait at most this long."""
        # Local names: an attribute lookup here would be made for each delivery.
        streams, tails, buffer, on_mark = self._streams, self._tails, self._buffer, self.on_mark
        now, count_marks = time.perf_counter, buffer.count
        delivered = received = 0
        for fd, _ in self._epoll.poll(max(0.0, wait_s)):
            if fd not in streams:
                # A callback before this one may have stopped watching it.
                self._others.get(fd, _nothing)()
                continue
            try:
                count = self._count = streams[fd].recv_into(buffer)
            except OSError:
                count = 0
            if not count:
                self._close_stream(fd)
                continue
            found = count_marks(MARK, 0, count)
            if count % CELL_BYTES or (tails and fd in tails):
                found += self._marks_across_reads(fd, count)
            received += count
            if found:
                delivered += found
                if on_mark is not None:
                    on_mark(fd, now(), found)
        self.delivered += delivered
        self.received += received

    def settle(self, quiet_s: float = 0.3) -> None:
        """Read until nothing has arrived for a while; from then on there are whole cells only."""
        seen = -1
        while seen != self.received:
            seen = self.received
            until_s = time.perf_counter() + quiet_s
            while (left_s := until_s - time.perf_counter()) > 0:
                self.turn(left_s)
        self._tails.clear()

    def close(self) -> None:
        """Close all streams; each line is closed by its owner."""
        for fd in list(self._streams):
            self._close_stream(fd)
        self._epoll.close()

    def _marks_across_reads(self, fd: int, count: int) -> int:
        """Count the marks that two reads share; keep the end of this read for the next."""
        keep, buffer = len(MARK) - 1, self._buffer
        found = (self._tails.get(fd, b"") + buffer[: min(keep, count)]).count(MARK)
        self._tails[fd] = bytes(buffer[max(0, count - keep) : count])
        if self._tails[fd].endswith(LAST_CHUNK):
            self.ended_whole += 1
        return found

    def _close_stream(self, fd: int) -> None:
        self._epoll.unregister(fd)
        self._tails.pop(fd, None)
        self._streams.pop(fd).close()


def _nothing() -> None:
    """Callback of a line that is no longer watched."""


def _read_head(line: socket.socket) -> None:
    """Read the head, and what has arrived of the body with it."""
    head = b""
    while HEAD_END not in head:
        more = line.recv(2**16)
        assert more, head
        head += more
    assert b" 200 " in head.partition(b"\r\n")[0], head
