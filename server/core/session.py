"""What is known of a visitor: as little as works, and for as long as it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import TooManyRoomsError
from .ids import ChatId, Handle
from .limits import (
    COME_BURST,
    COME_EVERY_S,
    GUESS_BURST,
    GUESS_EVERY_S,
    MAX_ROOMS_OF_SESSION,
    SESSION_LIFE_S,
    SESSION_SILENCE_S,
)
from .privateroom import PrivateRoom
from .ratelimit import TokenBucket
from .room import Member, Room
from .wish import Wish


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """A session's place in one conversation."""

    room: Room
    member: Member


@dataclass(frozen=True, slots=True, eq=False)
class Knock:
    """A session's place outside of a private room."""

    room: PrivateRoom
    number: int


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
    knocks: dict[ChatId, Knock] = field(default_factory=dict)
    wish: Wish | None = None
    """What they last asked for, so that one press on Next asks for the same."""

    language: str | None = None
    """The language of its pages, where it has chosen one."""

    _comings: TokenBucket | None = None
    """How often it may enter a room; made when it enters the first."""

    _guesses: TokenBucket | None = None
    """How often it may be wrong about an invitation; made when it shows the first."""

    @property
    def pair(self) -> ChatId | None:
        """Its pair, open or not: at most one."""
        return next((i for i, seat in self.seats.items() if seat.room.is_pair), None)

    def check_rooms(self) -> None:
        """Pass if it may sit in one room more, or knock at one.

        Raises:
            TooManyRoomsError: otherwise.
        """
        if len(self.rooms) + len(self.knocks) >= MAX_ROOMS_OF_SESSION:
            raise TooManyRoomsError

    def guesses(self, now_s: float) -> TokenBucket:
        """How many wrong invitations it may still show."""
        if self._guesses is None:
            self._guesses = TokenBucket(burst=GUESS_BURST, every_s=GUESS_EVERY_S, now_s=now_s)
        return self._guesses

    def come(self, now_s: float) -> None:
        """Count a coming into a room.

        Raises:
            RateLimitedError: if it comes too often.
        """
        if self._comings is None:
            self._comings = TokenBucket(burst=COME_BURST, every_s=COME_EVERY_S, now_s=now_s)
        self._comings.take(now_s)

    @property
    def rooms(self) -> Mapping[ChatId, Seat]:
        """Its rooms, in the order of coming."""
        return {i: seat for i, seat in self.seats.items() if not seat.room.is_pair}

    def is_due(self, now_s: float, *, streaming: bool) -> bool:
        """Whether it is time to forget this session. An open stream counts as a request."""
        silent = not streaming and now_s - self.seen_s > SESSION_SILENCE_S
        return silent or now_s - self.born_s > SESSION_LIFE_S
