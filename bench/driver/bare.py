"""The way into the bare server: there are no forms, no sessions and no rooms."""

from __future__ import annotations

from itertools import count

from bench.wire import get, post

from .line import Line


class Numbered:
    """Somebody with a stream; a `way.Chatter`."""

    compose = b""

    def __init__(self, number: int, other: int) -> None:
        self._other = other
        self.stream = get(f"/{number}")

    def post(self, number: int) -> bytes:
        """See `way.Chatter`."""
        return post(f"/{self._other}", "", b"text=text+%d" % number)

    def take(self, head: bytes, body: bytes) -> None:
        """See `way.Chatter`."""


class Bare:
    """A bare server; a `way.Way`."""

    def __init__(self, _line: Line) -> None:
        self._numbers = count(1)
        self._people = 0

    def fill(self, room: str, count: int) -> list[bytes]:
        """See `way.Way`."""
        first, self._people = self._people, self._people + count
        return [get(f"/{number}") for number in range(first, self._people)]

    def words(self, room: str, count: int) -> list[bytes]:
        """See `way.Way`."""
        return [post("/all", "", b"text=text+%d" % next(self._numbers)) for _ in range(count)]

    def joining(self, room: str) -> bytes:
        """See `way.Way`."""
        return post("/all", "", b"text=somebody+is+here")

    def meet(self, pairs: int) -> list[Numbered]:
        """See `way.Way`."""
        first, self._people = self._people, self._people + 2 * pairs
        return [Numbered(number, number ^ 1) for number in range(first, self._people)]
