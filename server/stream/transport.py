"""The two ends of one open stream, a pair as in asyncio: transport (takes), protocol (writes)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class StreamTransport(Protocol):
    """Takes HTTP chunks, framed."""

    @property
    def write(self) -> Callable[[bytes], object]:
        """Sends a chunk; calls `StreamProtocol.pause` at once when no more may follow for now."""

    @property
    def is_paused(self) -> bool:
        """Whether no more may be written for now."""

    def finish(self, closing: bytes) -> None:
        """Send a last event with the end of the body behind it, then close when it is sent."""

    def cut(self) -> None:
        """Close at once, and drop what is not sent."""


class StreamProtocol(Protocol):
    """Writes to a transport. No method may raise."""

    def attach(self, transport: StreamTransport) -> None:
        """Begin to write."""

    def pause(self) -> None:
        """No more may be written for now."""

    def resume(self) -> None:
        """More may be written."""

    def lost(self) -> None:
        """The connection is gone, or never came. Idempotent."""
