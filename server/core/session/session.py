"""Everything stored about a visitor: as little as possible, for as short as possible."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from server.core.errors import (
    CooldownError,
    FirstCooldownError,
    TooManyRoomsError,
    TooManySideChatsError,
)
from server.core.ids import ChatId, CircuitKey, Handle, PublicIdentity
from server.core.invite_code import CodeKey
from server.core.limits import (
    GUESS_BURST,
    GUESS_EVERY_S,
    JOIN_BURST,
    JOIN_EVERY_S,
    KEPT_S,
    MAX_LEFT_CHATS,
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
from server.core.shares import Priority

from .backoff import MATCHES, SKIPS, Backoff
from .departure import Departure, PastChat
from .kept import KeptForm
from .lifetime import Lifetime
from .parting import Parting


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """A session's membership in one conversation."""

    room: Room
    member: Member


@dataclass(frozen=True, slots=True, eq=False)
class Knock:
    """A session's place among the visitors who wait outside a private room."""

    room: PrivateRoom
    number: int


@dataclass(slots=True, eq=False)
class Session:
    """One visitor, from the first accepted form until they leave, are silent, or 12 hours pass."""

    identity: PublicIdentity
    """All that is stored of the cookie's secret; another one when the secret is renewed."""

    lifetime: Lifetime
    seen_s: float
    """Time of the last request, or when the last stream closed."""

    post_bucket: TokenBucket
    circuit: CircuitKey | None = None
    """The circuit of its last request, as long as the edge knows it; `None` without circuit ids."""

    has_written: bool = False
    """Whether it has ever posted a message. A session that has not gives way first."""

    is_secret_stale: bool = False
    """Whether it has left its last conversation since its secret was made."""

    is_unseen: bool = False
    """Whether its secret was issued for an older one, and no request has used it yet."""

    former_handles: list[Handle] = field(default_factory=list)
    """Handles that it had before and that still lead to it, oldest first."""

    seats: dict[ChatId, Seat] = field(default_factory=dict)
    knocks: dict[ChatId, Knock] = field(default_factory=dict)
    preferences: Preferences | None = None
    """Their last preferences, so that one press on Next uses the same."""

    language: str | None = None
    """The language of its pages, if it has chosen one."""

    parting: Parting | None = None
    """What the home page has to tell it, once."""

    several_lines: bool = False
    """Whether its field for a message is multi-line."""

    neutral_titles: bool = False
    """Whether its pages have neutral titles that do not reveal the chat."""

    constant_rate_s: int = 0
    """Seconds between two cells of its streams; 0 to send events when they happen."""

    kept: KeptForm | None = None
    """The words of the last form that was refused, sealed."""

    left: deque[PastChat] = field(default_factory=lambda: deque(maxlen=MAX_LEFT_CHATS))
    """The conversations that it left last, oldest first."""

    codes: set[CodeKey] = field(default_factory=set)
    """Keys of its rematch codes; a panic exit deletes them."""

    had_pause: bool = False
    """Whether it has had a pause after many skips: what its page says about resting comes once."""

    _skips: Backoff | None = None
    """Pauses after skipped conversations; created at the first skip."""

    _matches: Backoff | None = None
    """Pauses after many matches; created at the first match."""

    _joins: TokenBucket | None = None
    """Rate limit for joining rooms; created at the first join."""

    _guesses: TokenBucket | None = None
    """Rate limit for wrong invitation codes; created when the first code is presented."""

    @property
    def handle(self) -> Handle:
        """Its key in the store."""
        return self.identity.handle

    @property
    def holder(self) -> Hashable:
        """For whom its places count: its circuit, or itself where circuits are not known."""
        return self.circuit or self.handle

    @property
    def is_with_somebody(self) -> bool:
        """Whether it is in a conversation with somebody else."""
        return any(seat.room.head_count > 1 for seat in self.seats.values())

    @property
    def priority(self) -> Priority:
        """What its places are used for, and so how late it gives way."""
        if self.is_with_somebody:
            return Priority.SEATED
        return Priority.ACTIVE if self.has_written else Priority.UNUSED

    @property
    def pair(self) -> ChatId | None:
        """The chat id of its pair, open or closed: at most one."""
        return next((i for i, seat in self.seats.items() if seat.room.is_pair), None)

    def note_left(self, chat_id: ChatId, how: Departure, now_s: float) -> None:
        """Remember for a while how it left a conversation: its page may be asked for again."""
        self.left.append(PastChat(chat_id, how, now_s + KEPT_S))

    def left_chats(self, now_s: float) -> list[PastChat]:
        """Return the conversations that it has left a short while ago, oldest first."""
        return [past for past in self.left if now_s < past.until_s]

    def forget_left(self, now_s: float) -> None:
        """Forget which conversations were left too long ago."""
        while self.left and now_s >= self.left[0].until_s:
            self.left.popleft()

    def count_skip(self, now_s: float) -> None:
        """Count a conversation that was left for the next one."""
        if self._skips is None:
            self._skips = Backoff(SKIPS, now_s)
        self._skips.count(now_s)

    def count_match(self, now_s: float) -> None:
        """Count a match with a stranger."""
        if self._matches is None:
            self._matches = Backoff(MATCHES, now_s)
        self._matches.count(now_s)

    def check_cooldown(self, now_s: float) -> None:
        """Check that the session may be matched again.

        Raises:
            FirstCooldownError: the first time that many skips cause a pause.
            CooldownError: after many skips or many matches, while the pause lasts.
        """
        if self._skips is not None:
            try:
                self._skips.check(now_s)
            except CooldownError as error:
                if self.had_pause:
                    raise
                self.had_pause = True
                raise FirstCooldownError(error.pause_s) from None
        if self._matches is not None:
            self._matches.check(now_s)

    def check_side_chats(self) -> None:
        """Check that it may have one more side chat.

        Raises:
            TooManySideChatsError: otherwise.
        """
        if len(self.side_chats) >= MAX_SIDE_CHATS:
            raise TooManySideChatsError

    def check_rooms(self) -> None:
        """Check that it may join, or knock at, one more room.

        Raises:
            TooManyRoomsError: otherwise.
        """
        if len(self.rooms) + len(self.knocks) >= MAX_ROOMS_OF_SESSION:
            raise TooManyRoomsError

    def guesses(self, now_s: float) -> TokenBucket:
        """Return the rate limit for wrong invitation codes."""
        if self._guesses is None:
            self._guesses = TokenBucket(burst=GUESS_BURST, every_s=GUESS_EVERY_S, now_s=now_s)
        return self._guesses

    def check_join(self, now_s: float, rooms: Iterable[Room] = ()) -> None:
        """Check that it may join rooms now.

        Args:
            now_s: monotonic seconds.
            rooms: those that have members already.

        Raises:
            RateLimitedError: if it joins rooms too often, or if these are joined too often, by all
                or through its circuit.
        """
        self._join_bucket(now_s).check(now_s)
        for room in rooms:
            room.check_arrival(self.circuit, now_s)

    def count_join(self, now_s: float, rooms: Iterable[Room] = ()) -> None:
        """Count a join; `check_join` has passed."""
        self._join_bucket(now_s).take(now_s)
        for room in rooms:
            room.count_arrival(self.circuit, now_s)

    def _join_bucket(self, now_s: float) -> TokenBucket:
        if self._joins is None:
            self._joins = TokenBucket(burst=JOIN_BURST, every_s=JOIN_EVERY_S, now_s=now_s)
        return self._joins

    @property
    def rooms(self) -> Mapping[ChatId, Seat]:
        """Its rooms, in the order of joining."""
        return {
            chat_id: seat
            for chat_id, seat in self.seats.items()
            if not seat.room.is_pair and not isinstance(seat.room, SideChat)
        }

    @property
    def side_chats(self) -> Mapping[ChatId, Seat]:
        """Its side chats, in the order of their start."""
        return {i: seat for i, seat in self.seats.items() if isinstance(seat.room, SideChat)}

    def is_due(self, now_s: float, *, streaming: bool) -> bool:
        """Check whether this session must be deleted. An open stream counts as a request."""
        silent = not streaming and now_s - self.seen_s > SESSION_SILENCE_S
        return silent or self.lifetime.has_ended(now_s)
