"""What holds in a conversation from its beginning to its end."""

from __future__ import annotations

from dataclasses import dataclass

from .lifecycle import PAIR_LIFE, Life
from .log import Kind


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds in a conversation from its beginning to its end."""

    life: Life
    capacity: int
    """Members at once."""

    slow_s: float = 0
    """Seconds between two messages of one member, beyond the session's bucket; 0 for none."""

    public_name: str = ""
    """Of a room on the list."""

    gone: Kind = Kind.WENT
    """How the others are told that a member left."""

    renewal_s: float = 0
    """Seconds until those who stay get a new key when somebody has left; see `epochs.py`."""

    has_side_chats: bool = False
    """Whether a member may ask another for a private talk."""


PAIR = Policy(PAIR_LIFE, capacity=2, gone=Kind.LEFT)
