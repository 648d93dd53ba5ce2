"""What the driver needs of a server that it measures: the real one, or the bare yardstick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Chatter(Protocol):
    """One member of a pair."""

    stream: bytes
    """The request that opens its stream."""

    composer_request: bytes
    """The request after each post, whose answer goes to `take`; empty if there is none."""

    def post(self, number: int) -> bytes:
        """The request that posts a message."""

    def take(self, head: bytes, body: bytes) -> None:
        """Read the answer to `composer_request`: the form of the next post."""


class Target(Protocol):
    """One server, as the driver uses it."""

    def fill(self, room: str, count: int) -> list[bytes]:
        """Let members join a room and one of them post; the requests that open their streams."""

    def posts(self, room: str, count: int) -> list[bytes]:
        """Requests that post one message each, by different members, ready to be sent."""

    def join_request(self, room: str) -> bytes:
        """A request that makes a new member join a room; all others are notified."""

    def meet(self, pairs: int) -> Sequence[Chatter]:
        """Let pairs meet and post once; each two that follow each other are a pair."""
