"""What is known of a visitor: as little as works, and for as long as it works."""

from __future__ import annotations

from dataclasses import dataclass, field

from .ids import ChatId, Handle
from .limits import SESSION_LIFE_S, SESSION_SILENCE_S
from .ratelimit import TokenBucket
from .room import Member, Room
from .wish import Wish


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """A session's place in one conversation."""

    room: Room
    member: Member


@dataclass(slots=True, eq=False)
class Session:
    """One visitor, from the first accepted form until they leave, fall silent, or 12 hours."""

    handle: Handle
    """What is stored of the cookie's secret."""

    born_s: float
    seen_s: float
    """When the last request came, or the last stream closed."""

    speak: TokenBucket
    seats: dict[ChatId, Seat] = field(default_factory=dict)
    wish: Wish | None = None
    """What they last asked for, so that one press on Next asks for the same."""

    language: str | None = None
    """The language of its pages, where it has chosen one."""

    def is_due(self, now_s: float, *, streaming: bool) -> bool:
        """Whether it is time to forget this session. An open stream counts as a request."""
        silent = not streaming and now_s - self.seen_s > SESSION_SILENCE_S
        return silent or now_s - self.born_s > SESSION_LIFE_S
