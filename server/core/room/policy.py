"""The fixed settings of a conversation."""

from __future__ import annotations

from dataclasses import dataclass

from .lifecycle import PAIR_LIFE, Life
from .log import Kind


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings that stay the same for the whole life of a conversation."""

    life: Life
    capacity: int
    """Most members at once."""

    slow_s: float = 0
    """Seconds between two messages of one member, beside the session's rate limit; 0 for none."""

    public_name: str = ""
    """Name of a public room in its URLs; empty for any other conversation."""

    departure_kind: Kind = Kind.LEFT_ROOM
    """Kind of the event that announces that a member left."""

    renewal_s: float = 0
    """Seconds until the remaining members get a new key after a departure; see `Epochs`."""

    has_side_chats: bool = False
    """Whether a member may ask another for a side chat."""


PAIR = Policy(PAIR_LIFE, capacity=2, departure_kind=Kind.LEFT_PAIR)
