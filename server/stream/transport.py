"""Both ends of one open stream: the connection that takes chunks, and what writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class StreamTransport(Protocol):
    """Where chunks go: of HTTP, framed."""

    @property
    def write(self) -> Callable[[bytes], object]:
        """Sends a chunk; calls `StreamProtocol.pause` at once when no more may follow for now."""

    def finish(self, closing: bytes) -> None:
        """Send a last event with the end of the body behind it, and hang up when it is sent."""

    def cut(self) -> None:
        """Hang up, and drop what is not sent."""


class StreamProtocol(Protocol):
    """What speaks on an outlet. No call of it may raise."""

    def attach(self, outlet: StreamTransport) -> None:
        """Begin."""

    def pause(self) -> None:
        """The outlet takes no more for now."""

    def resume(self) -> None:
        """It takes more."""

    def lost(self) -> None:
        """Nobody is there any more; or nobody ever was. Twice is as once."""
