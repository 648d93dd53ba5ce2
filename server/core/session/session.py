"""What is known of a visitor: as little as works, and for as long as it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.core.errors import TooManyRoomsError, TooManySideChatsError
from server.core.ids import ChatId, Handle, PublicIdentity
from server.core.invite_code import CodeKey
from server.core.limits import (
    COME_BURST,
    COME_EVERY_S,
    GUESS_BURST,
    GUESS_EVERY_S,
    MAX_ROOMS_OF_SESSION,
    MAX_SIDE_CHATS,
    SESSION_SILENCE_S,
)
from server.core.matching.preferences import Preferences
from server.core.ratelimit import TokenBucket
from server.core.room.member import Member
from server.core.room.private import PrivateRoom
from server.core.room.room import Room
from server.core.room.side_chat import SideChat

from .lifetime import Lifetime
from .skip_backoff import SkipBackoff


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

    identity: PublicIdentity
    """What is stored of the cookie's secret."""

    lifetime: Lifetime
    seen_s: float
    """When the last request came, or the last stream closed."""

    speech: TokenBucket
    seats: dict[ChatId, Seat] = field(default_factory=dict)
    knocks: dict[ChatId, Knock] = field(default_factory=dict)
    preferences: Preferences | None = None
    """What they last asked for, so that one press on Next asks for the same."""

    language: str | None = None
    """The language of its pages, where it has chosen one."""

    neutral_titles: bool = False
    """Whether the titles of its pages are to say nothing."""

    constant_rate_s: int = 0
    """Seconds between two cells of its streams; 0 to be told things when they happen."""

    codes: set[CodeKey] = field(default_factory=set)
    """The codes that it was given to be found again by; with panic they go."""

    _skips: SkipBackoff | None = None
    """How often it has gone on to the next one; made when it first does."""

    _joins: TokenBucket | None = None
    """How often it may enter a room; made when it enters the first."""

    _guesses: TokenBucket | None = None
    """How often it may be wrong about an invitation; made when it shows the first."""

    @property
    def handle(self) -> Handle:
        """By this it is found."""
        return self.identity.handle

    @property
    def pair(self) -> ChatId | None:
        """Its pair, open or not: at most one."""
        return next((i for i, seat in self.seats.items() if seat.room.is_pair), None)

    def count_skip(self, now_s: float) -> None:
        """Count a conversation that was left for the next one."""
        if self._skips is None:
            self._skips = SkipBackoff(now_s)
        self._skips.skip(now_s)

    def check_cooldown(self, now_s: float) -> None:
        """Pass if somebody else may be looked for.

        Raises:
            RestError: if there were many skips, for as long as the pause lasts.
        """
        if self._skips is not None:
            self._skips.check(now_s)

    def check_side_chats(self) -> None:
        """Pass if it may have one private talk more.

        Raises:
            TooManyAsidesError: otherwise.
        """
        if len(self.side_chats) >= MAX_SIDE_CHATS:
            raise TooManySideChatsError

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

    def count_join(self, now_s: float) -> None:
        """Count a coming into a room.

        Raises:
            RateLimitedError: if it comes too often.
        """
        if self._joins is None:
            self._joins = TokenBucket(burst=COME_BURST, every_s=COME_EVERY_S, now_s=now_s)
        self._joins.take(now_s)

    @property
    def rooms(self) -> Mapping[ChatId, Seat]:
        """Its rooms, in the order of coming."""
        return {
            chat_id: seat
            for chat_id, seat in self.seats.items()
            if not seat.room.is_pair and not isinstance(seat.room, SideChat)
        }

    @property
    def side_chats(self) -> Mapping[ChatId, Seat]:
        """Its private talks beside these, in the order of their beginning."""
        return {i: seat for i, seat in self.seats.items() if isinstance(seat.room, SideChat)}

    def is_due(self, now_s: float, *, streaming: bool) -> bool:
        """Whether it is time to forget this session. An open stream counts as a request."""
        silent = not streaming and now_s - self.seen_s > SESSION_SILENCE_S
        return silent or self.lifetime.has_ended(now_s)
