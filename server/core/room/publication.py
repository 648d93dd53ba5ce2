"""A new entry of a conversation, on its way to the members who read it live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from server.core.ids import RoomId

from .message import OpenEntry


@dataclass(frozen=True, slots=True)
class Publication:
    """A new entry, in the clear, and who may read it.

    It must not outlive the call in which the entry was made.
    """

    room_id: RoomId
    entry: OpenEntry
    names: Mapping[int, str]
    """Names by member number, of all members that the entry mentions."""

    hidden_from: frozenset[int] = frozenset()
    """Members who may not, because they have muted its sender."""


class Outbox(Protocol):
    """Where a room puts its new entries. A list is one."""

    def append(self, publication: Publication, /) -> object:
        """Keep it until whoever changed the room publishes it."""
