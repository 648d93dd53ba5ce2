"""What one member of a room, or a visitor outside, asks of one other member.

A request stands in the record of the member who is asked, until it is answered or withdrawn. It is
not in the log: a numbered entry that only one member may read would leave a gap in the numbers that
all others see.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class RequestKind(Enum):
    """What is asked."""

    SIDE_CHAT = "side-chat"
    """A member asks for a side chat."""

    KNOCK = "knock"
    """A visitor waits to be admitted to a private room; asked of its opener."""


@dataclass(slots=True)
class Request:
    """One unanswered request."""

    kind: RequestKind
    asked_seq: int
    """The newest entry of the log when it was made: its place among the entries."""

    is_seen: bool = False
    """Whether it was shown to the member who is asked."""
