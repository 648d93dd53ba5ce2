"""The part of the contract between web and state that is about one visitor; see `base.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from server.core.ids import ChatId, Secret
from server.core.matching.preferences import Preferences
from server.core.session.lifetime import LifetimeNotice, OwnLimit
from server.stream.subscription import OtherChatNotice

from .rooms import ChatLabel


@dataclass(frozen=True, slots=True)
class Settings:
    """What a visitor has chosen for their pages."""

    language: str | None = None
    neutral_titles: bool = False
    """Whether the titles of pages are to say nothing."""

    constant_rate_s: int = 0
    """Seconds between two cells of a stream; 0 to be told things when they happen."""


@dataclass(frozen=True, slots=True)
class LifetimeView:
    """A visitor's own time, for their eyes alone."""

    here_s: float
    left_s: float
    """Until the session is too old."""

    traffic_bytes: int
    """Up and down, heads included."""

    still_after_s: float
    limit: OwnLimit
    due: frozenset[LifetimeNotice] = frozenset()
    """What a page that reloads by itself has to say."""


@dataclass(frozen=True, slots=True)
class HeldSeat:
    """What is kept of a visitor in one conversation."""

    place: ChatLabel
    my_name: str
    messages: int
    """Messages of theirs that are kept."""

    sealed_bytes: int
    """Of these, as they are kept: sealed, and padded to size classes."""

    boxes: int
    """Keys that open what was said, each sealed to them."""

    title_bytes: int
    """Of a private room's title, sealed to them; 0 where there is none."""

    spent_tokens: int
    """Keyed hashes of what they sent, so that nothing is sent twice."""

    muted: int
    """Members whom they do not want to read."""

    asked: int
    """Members whom they have asked for a private talk."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything that is kept of one visitor now."""

    lifetime: LifetimeView
    settings: Settings
    preferences: Preferences | None
    waits: bool
    """Whether they wait for somebody."""

    seats: Sequence[HeldSeat] = field(default_factory=tuple)
    knocks: int = 0
    """Rooms at which they wait to be let in."""

    codes: int = 0
    """Keyed hashes of codes that they were given to be found again by."""

    met: int = 0
    """Hashes of those whom they met last, or never want to meet again."""


class SessionStore(Protocol):
    """What the web may ask about a visitor's own time and choices."""

    async def set_language(self, secret: Secret, language: str) -> None:
        """Remember a session's language, for as long as it lives. Without one, nothing happens."""

    async def set_neutral_titles(self, secret: Secret, *, neutral_titles: bool) -> None:
        """Let the titles of a session's pages say nothing. Without one, nothing happens."""

    async def set_constant_rate(self, secret: Secret, every_s: int) -> None:
        """Let a session's streams say one cell every so many seconds; 0 for when things happen.

        Those that are opened from now on. Without a session, nothing happens.
        """

    async def add_traffic(self, secret: Secret, traffic_bytes: int) -> None:
        """Bytes went up or down. Without a session, nothing happens."""

    async def lifetime(self, secret: Secret, *, reloads: bool = False) -> LifetimeView:
        """A session's time.

        Args:
            secret: whose.
            reloads: it is for a page that reloads by itself, and tells what is due: the time to
                answer begins.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def set_lifetime(self, secret: Secret, still_after_s: float, limit: OwnLimit) -> None:
        """Choose after how long to be asked, and an own limit.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def unread_elsewhere(self, secret: Secret, chat_id: ChatId) -> Sequence[OtherChatNotice]:
        """What is to be told, on a page of one conversation, of the session's others.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def holdings(self, secret: Secret) -> Holdings:
        """Everything that is kept of a session.

        Raises:
            SessionUnknownError: if there is no such session.
        """
