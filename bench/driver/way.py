"""How one comes into a server and speaks there; the house and the bare server differ in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Chatter(Protocol):
    """One of two who talk."""

    stream: bytes
    """The request that opens their stream."""

    compose: bytes
    """The request after each post, whose answer is told to `take`; empty if there is none."""

    def post(self, number: int) -> bytes:
        """The request that says something."""

    def take(self, head: bytes, body: bytes) -> None:
        """Get ready for the next post."""


class Way(Protocol):
    """One server."""

    def fill(self, room: str, count: int) -> list[bytes]:
        """Let people come into a room, and one of them speak; requests for all their streams."""

    def words(self, room: str, count: int) -> list[bytes]:
        """Requests that say one message each, by different people, ready to be sent."""

    def joining(self, room: str) -> bytes:
        """A request by which somebody new comes into a room, and all others are told."""

    def meet(self, pairs: int) -> Sequence[Chatter]:
        """Let pairs meet and speak once; two who follow each other are one pair."""
