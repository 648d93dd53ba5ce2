"""The part of the contract between web and state that is about meeting; see `base.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from server.core.ids import ChatId, Secret
from server.core.invite_code import CodeKey
from server.core.matching.preferences import Preferences


@dataclass(frozen=True, slots=True)
class MatchState:
    """How it stands with somebody's wish to be matched."""

    waits: bool
    """Whether somebody is looked for, or one who has the other code is waited for."""

    chat_id: ChatId | None
    """The pair that was found, while it can still be talked in."""

    waited_s: float = field(default=0, compare=False)
    """For how long, in seconds; 0 for who waits with a code."""

    preferences: Preferences | None = field(default=None, compare=False)
    """What for."""

    waives_language: bool = field(default=False, compare=False)
    """Whether a common language is waived."""

    is_rematch: bool = field(default=False, compare=False)
    """Whether it is for somebody whom they have met, and who has the other code."""


class MatchingStore(Protocol):
    """What the web may ask about being matched, and about meeting again."""

    async def request_match(self, secret: Secret, preferences: Preferences | None) -> MatchState:
        """Match, or wait. Leaves the session's present pair. `None`: the wish it had last.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            RestError: if it has left many for the next one; its pair is left, the wish is kept.
            HouseFullError: if it would have to wait and every place is taken; its pair is kept.
        """

    async def waive_language(self, secret: Secret) -> MatchState:
        """Let a ticket do without a common language, with whoever does so too.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def match_state(self, secret: Secret) -> MatchState:
        """How it stands.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def cancel(self, secret: Secret) -> None:
        """Wait no longer. Without a ticket or a session nothing happens."""

    async def block_partner(self, secret: Secret, chat_id: ChatId) -> None:
        """Never be matched again with whom this session met last. The other is told nothing.

        Raises:
            NotAMemberError: if this session has no pair of that id.
        """

    async def issue_rematch_code(self, secret: Secret, chat_id: ChatId, key: CodeKey) -> float:
        """Be given a code to be found again by; the other one of the pair is told, once.

        It opens something when the other has asked for one too, until a day after the first of
        the two was asked for. A code that one had before is good no longer.

        Returns:
            For how many seconds it is good.

        Raises:
            NotAMemberError: if this session has no pair of that id.
            ChatClosedError: if the other one has left.
            TooManyCodesError: if the session has as many as one may.
            RateLimitedError: if everybody together asks for them too often.
            HouseFullError: if as many are given out as may be.
        """

    async def match_due(self) -> None:
        """Match those who fit by now because they have waited."""
