"""The bare server as a target: there are no forms, no sessions and no rooms."""

from __future__ import annotations

from itertools import count

from bench.wire import get, post

from .line import Line


class BareMember:
    """A member with a stream; a `target.Chatter`."""

    composer_request = b""

    def __init__(self, number: int, other: int) -> None:
        self._other = other
        self.stream = get(f"/{number}")

    def post(self, number: int) -> bytes:
        """See `target.Chatter`."""
        return post(f"/{self._other}", "", b"text=text+%d" % number)

    def take(self, head: bytes, body: bytes) -> None:
        """See `target.Chatter`."""


class BareTarget:
    """The bare server; a `target.Target`."""

    def __init__(self, _line: Line) -> None:
        self._numbers = count(1)
        self._people = 0

    def fill(self, room: str, count: int) -> list[bytes]:
        """See `target.Target`."""
        first, self._people = self._people, self._people + count
        return [get(f"/{number}") for number in range(first, self._people)]

    def posts(self, room: str, count: int) -> list[bytes]:
        """See `target.Target`."""
        return [post("/all", "", b"text=text+%d" % next(self._numbers)) for _ in range(count)]

    def join_request(self, room: str) -> bytes:
        """See `target.Target`."""
        return post("/all", "", b"text=somebody+is+here")

    def meet(self, pairs: int) -> list[BareMember]:
        """See `target.Target`."""
        first, self._people = self._people, self._people + 2 * pairs
        return [BareMember(number, number ^ 1) for number in range(first, self._people)]
