"""A stream's end that tests look at: it passes on what a subscriber is notified of."""

from __future__ import annotations

from collections.abc import Callable

from server.core.cells import Event
from server.stream.broadcast import GroupPosition, NewEntry

OnEntry = Callable[[NewEntry], bool]


def nothing() -> None:
    """Ignore a wake."""


def accept_nothing(_entry: NewEntry) -> bool:
    """Accept no entry: the reader will read instead."""
    return False


class FakeSubscriber:
    """Passes on what a subscriber is notified of; accepts the next entry if the test does.

    Args:
        wake: called when it is woken.
        on_entry: called with the next entry; returns whether it is accepted.
        cursor: `seq` of the last entry that was read.
    """

    def __init__(
        self,
        wake: Callable[[], object] = nothing,
        on_entry: OnEntry = accept_nothing,
        cursor: int = 0,
    ) -> None:
        self._wake = wake
        self._on_entry = on_entry
        self.cursor = cursor

    render_key = None
    """Never joins a broadcast group; `tests/stream/test_broadcast.py` tests those that do."""

    def write(self, _chunk: bytes) -> None:
        """See `Subscriber`; as the next three, only a broadcast group calls it."""
        raise AssertionError

    def take_over(self, _share: GroupPosition) -> None:
        """See `Subscriber`."""
        raise AssertionError

    def render(self, _new: NewEntry) -> Event | None:
        """See `Subscriber`."""
        raise AssertionError

    def fail(self, error: Exception) -> None:
        """See `Subscriber`."""
        raise AssertionError from error

    def wake(self) -> None:
        """See `Subscriber`."""
        self._wake()

    def receive(self, new: NewEntry) -> bool:
        """See `Subscriber`."""
        return new.before == self.cursor and self._on_entry(new) and self.skip(new.seq)

    def skip(self, seq: int) -> bool:
        """See `Subscriber`."""
        is_next = seq == self.cursor + 1
        self.cursor += is_next
        return is_next
