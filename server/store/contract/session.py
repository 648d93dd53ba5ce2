"""The part of the contract about one visitor; `chat.py` has what holds for every call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from server.core.ids import ChatId, Secret
from server.core.matching.preferences import Preferences
from server.core.session.departure import Departure
from server.core.session.lifetime import LifetimeNotice, OwnLimit
from server.core.session.parting import Parting
from server.stream.subscription import OtherChatNotice

from .rooms import ChatLabel


@dataclass(frozen=True, slots=True)
class Settings:
    """What a visitor has chosen for their pages."""

    language: str | None = None
    """Code of the language; `None` if none was chosen."""

    neutral_titles: bool = False
    """Whether page titles reveal nothing."""

    constant_rate_s: int = 0
    """Seconds between two cells of a constant-rate stream; 0 for a stream without padding."""

    several_lines: bool = False
    """Whether the field for a message is multi-line."""


@dataclass(frozen=True, slots=True)
class LifetimeView:
    """A session's age, remaining time and traffic. Show it to that visitor only."""

    age_s: float
    """Seconds since the session began."""

    remaining_s: float
    """Seconds until the session reaches its maximum age."""

    traffic_bytes: int
    """Bytes sent and received, HTTP heads included."""

    idle_question_after_s: float
    """Seconds without an action of the visitor until they are asked whether they are there."""

    limit: OwnLimit
    due_notices: frozenset[LifetimeNotice] = frozenset()
    """The notices that hold now, for a page that reloads itself to show."""


@dataclass(frozen=True, slots=True)
class StoredSeat:
    """What is stored about a visitor in one conversation."""

    label: ChatLabel
    my_name: str
    message_count: int
    """How many of their messages are stored."""

    sealed_bytes: int
    """Size of these messages as stored: sealed, and padded to size classes."""

    sealed_key_count: int
    """How many message keys are stored sealed to them."""

    title_bytes: int
    """Size of a private room's title, sealed to them; 0 in other conversations."""

    spent_token_count: int
    """How many keyed hashes of their messages are stored, against posting one twice."""

    muted_count: int
    """How many members they have muted."""

    asked_count: int
    """How many members they have asked for a side chat."""

    request_count: int
    """How many unanswered requests to them are kept, of members and of visitors who knock."""


@dataclass(frozen=True, slots=True)
class StoredData:
    """Everything that is stored about one visitor now."""

    lifetime: LifetimeView
    settings: Settings
    preferences: Preferences | None
    is_waiting: bool
    """Whether they wait for a match, with or without a rematch code."""

    parting: Parting | None = None
    """What the home page has not told them yet."""

    seats: Sequence[StoredSeat] = field(default_factory=tuple)
    knock_count: int = 0
    """At how many rooms they knock."""

    code_count: int = 0
    """How many keyed hashes of rematch codes that they were issued are stored."""

    code_bytes: int = 0
    """Size of the codes that are sealed to them, of invitations and of rematches."""

    kept_bytes: int = 0
    """Size of the words of a refused form; 0 if none are kept."""

    kept_for_s: float = 0
    """How long these words are still kept."""

    left_count: int = 0
    """How many ids of conversations that they have left are kept."""

    partner_count: int = 0
    """How many hashes of other sessions are stored: of their last partner, and of those blocked."""


class SessionStore(Protocol):
    """Calls about a visitor's own settings and lifetime."""

    async def take_parting(self, secret: Secret) -> Parting | None:
        """Return what the home page has to tell a visitor, and forget it.

        `None` if there is nothing, or the session is unknown.
        """

    async def set_language(self, secret: Secret, language: str) -> None:
        """Store a session's language. Does nothing if the session is unknown."""

    async def set_neutral_titles(self, secret: Secret, *, neutral_titles: bool) -> None:
        """Choose whether page titles reveal nothing. Does nothing if the session is unknown."""

    async def set_several_lines(self, secret: Secret, *, several_lines: bool) -> None:
        """Choose whether the field for a message is multi-line.

        Does nothing if the session is unknown.
        """

    async def set_constant_rate(self, secret: Secret, every_s: int) -> None:
        """Choose the rate of the streams that the session opens from now on.

        Does nothing if the session is unknown.

        Args:
            secret: the visitor's.
            every_s: seconds between two cells; 0 for a stream that writes when something happens.
        """

    async def keep_form(self, secret: Secret, words: bytes) -> str:
        """Keep the words of a refused form for `KEPT_S`, sealed; those before are dropped.

        A message that is accepted drops them, too.

        Returns:
            An id for the URL of the page that shows them: the same for the same words.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            ServerFullError: if as many forms are kept as may be, and none gives way.
        """

    async def kept_form(self, secret: Secret, kept_id: str | None) -> bytes | None:
        """Return the words that are kept under this id; without an id, any. Changes nothing.

        `None` for another id, after their time, and for a session that is unknown.
        """

    async def is_there(self, secret: Secret, chat_id: ChatId) -> bool:
        """Whether this session is in the conversation of that id, or knocks at it."""

    async def departure(self, secret: Secret, chat_id: ChatId | None) -> Departure | None:
        """Return how this session left the conversation of that id a short while ago.

        Args:
            secret: of the session.
            chat_id: `None` for the conversation that it left last.

        Returns:
            `None` if it left none with that id, or too long ago, and for an unknown session.
        """

    async def renew_secret(self, secret: Secret) -> Secret | None:
        """Give a session that has left its last conversation a new secret.

        Call it when the answer to the present request can set a cookie. The session and all that is
        stored for it move to the new secret, and its open stream is told that it has moved. The old
        secret leads to the session until `Store.visit` has seen the new one.

        Returns:
            The new secret. `None`, and nothing has changed, if the session is unknown, has left no
            conversation since its secret was made, knocks at a room, or has already opened the
            page of another conversation.
        """

    async def follow_secret(self, secret: Secret) -> Secret | None:
        """Find the session of a secret that was renewed, and give that session yet another secret.

        For a browser that has not received the new cookie. What was sealed to the lost secret in
        the meantime stays closed.

        Returns:
            The secret to set. `None`, and nothing has changed, if `secret` leads to no session, or
            is the present one.

        Raises:
            RateLimitedError: if the session is in a conversation or knocks, and may not join one
                now. There the next message takes a new key, as after a join, so it counts as one.
        """

    async def add_traffic(self, secret: Secret, traffic_bytes: int) -> None:
        """Add bytes sent or received to a session's count. Does nothing if it is unknown."""

    async def lifetime(self, secret: Secret, *, reloads: bool = False) -> LifetimeView:
        """Return a session's age, remaining time and traffic.

        Args:
            secret: the visitor's.
            reloads: whether it is for a page that reloads itself and shows the notices that are
                due. If so, the visitor's time to answer begins, and an open stream of the session
                is sent the notices too.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def set_lifetime(self, secret: Secret, still_after_s: float, limit: OwnLimit) -> None:
        """Choose after how long to be asked for an answer, and a limit of one's own.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def unread_elsewhere(self, secret: Secret, chat_id: ChatId) -> Sequence[OtherChatNotice]:
        """Return the notices about the session's other conversations, for a page of one.

        Args:
            secret: the visitor's.
            chat_id: the conversation of the page, about which no notice is returned. It is not
                checked: with an unknown id nothing is left out.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def stored_data(self, secret: Secret) -> StoredData:
        """Return everything that is stored about a session.

        Raises:
            SessionUnknownError: if there is no such session.
        """
