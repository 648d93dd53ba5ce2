"""The part of the contract about matching two visitors; `chat.py` has what holds for every call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from server.core.ids import ChatId, Secret
from server.core.invite_code import Code, CodeKey
from server.core.matching.preferences import Preferences


@dataclass(frozen=True, slots=True)
class MatchState:
    """Whether a session waits for a match, or has one."""

    is_waiting: bool
    """Whether it waits: with a ticket, or with a rematch code for the partner who has the other."""

    chat_id: ChatId | None
    """The session's pair, unless it has ended and the session has already opened it once."""

    waited_s: float = field(default=0, compare=False)
    """How long the ticket has waited, in seconds; 0 with a rematch code."""

    preferences: Preferences | None = field(default=None, compare=False)
    """What the ticket asks for."""

    waives_language: bool = field(default=False, compare=False)
    """Whether the ticket accepts a partner without a common language."""

    sees_other_language: bool = field(default=False, compare=False)
    """Whether somebody who shares no language with the ticket waited a moment ago. Safe to show:
    it does not depend on anything else that they asked for, and shows no single arrival."""

    is_rematch: bool = field(default=False, compare=False)
    """Whether it waits with a rematch code, for somebody whom the visitor has met before."""


class MatchingStore(Protocol):
    """Calls about matching, and about meeting a former partner again."""

    async def request_match(self, secret: Secret, preferences: Preferences | None) -> MatchState:
        """Let the session wait for the next draw. Leaves its present pair.

        A wait with a rematch code is cancelled; the code stays valid. If the circuit of the session
        has as many tickets as it may, the oldest of the others is cancelled.

        Args:
            secret: the visitor's.
            preferences: what they ask for; `None` repeats the last request, or asks for anything
                if there was none.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            CooldownError: if it has left too many pairs for the next one, or if it or its circuit
                has taken too many matches. Its pair is left all the same, and the preferences are
                stored for the next request. The first time that it has left too many, a
                `FirstCooldownError`.
            ServerFullError: if the queue is full; or if every place for a stream is taken and none
                is given up. It keeps its pair.
        """

    async def waive_language(self, secret: Secret) -> MatchState:
        """Waive a common language from the next draw on, for as long as the present ticket waits.

        The other ticket must waive it too. Changes nothing if the session has no ticket.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def match_state(self, secret: Secret) -> MatchState:
        """Return whether the session waits or is matched.

        If it waits with a rematch code and the partner is present, this call makes the match.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def cancel_match(self, secret: Secret) -> None:
        """Stop waiting. Does nothing without a ticket, or if the session is unknown."""

    async def block_partner(self, secret: Secret, chat_id: ChatId) -> None:
        """Never match this session again with its last partner. The partner is not notified.

        Raises:
            NotAMemberError: if this session has no pair of that id.
        """

    async def issue_rematch_code(
        self, secret: Secret, chat_id: ChatId, key: CodeKey, code: Code | None = None
    ) -> float:
        """Store the key of a code with which this member can meet their partner again.

        The code itself, if given, is kept sealed to the member, who can be shown it again.
        The first call of a member is announced to the partner. A code works only if both members
        have asked for one. Both expire a day after the first of the two was issued. A new code
        replaces the member's earlier one for this pair.

        Returns:
            How many seconds the code is valid.

        Raises, in this order:
            NotAMemberError: if this session has no pair of that id.
            ChatClosedError: if the partner has left.
            TooManyCodesError: if the session has as many codes as it may.
            RateLimitedError: if the sessions of its circuit ask for codes too fast; or all together
                do, unless nobody has asked on this circuit lately.
            ServerFullError: if as many codes are valid as the capacity allows, and none gives way:
                somebody waits with each of them.
        """

    async def shown_rematch_code(
        self, secret: Secret, chat_id: ChatId
    ) -> tuple[Code, float] | None:
        """Return the member's own code, and how many seconds it is valid; `None` if there is none.

        Raises:
            NotAMemberError: if this session has no pair of that id.
        """

    async def draw_matches(self) -> None:
        """Match waiting sessions that fit, by chance. Called once in every round.

        Of two present sessions that fit, at least one is matched by two calls; `Draw` names the
        exceptions.
        """
