"""One wish to be matched, waiting; and which two of them may meet."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from server.core.ids import Handle
from server.core.limits import MAX_BLOCKED, SAME_AGAIN_S

from .compatibility import fits
from .preferences import Preferences


@dataclass(slots=True, eq=False)
class Ticket:
    """One wish to be matched, waiting. Forgotten when its owner is matched, leaves or is gone.

    Raises:
        ValueError: if it has more than `MAX_BLOCKED` people to keep away from.
    """

    handle: Handle
    preferences: Preferences
    order: int
    """Its place among all tickets. Kept when it is put back."""

    since_s: float
    """When it began to wait. Goes with the order: a lower one never began later."""

    present_until_s: float
    """Until when its owner counts as present."""

    waives_language: bool = field(default=False, kw_only=True)
    """Its owner does without a common language, with anybody who does so too. On a ticket that
    waits only `Matchmaker.waive_language` changes it."""

    blocked: Set[Handle] = field(default=frozenset(), kw_only=True)
    """Whom its owner is not to meet again; may be a view of what is kept elsewhere."""

    last_partner: Handle | None = field(default=None, kw_only=True)
    """Whom its owner met last."""

    def __post_init__(self) -> None:
        if len(self.blocked) > MAX_BLOCKED:
            raise ValueError("too many people to keep away from")

    def waited_s(self, now_s: float) -> float:
        """How long it has waited."""
        return now_s - self.since_s


def may_meet(one: Ticket, other: Ticket, now_s: float) -> bool:
    """Tell whether two tickets may be matched; presence aside."""
    if one.handle in other.blocked or other.handle in one.blocked:
        return False
    waited_s = max(one.waited_s(now_s), other.waited_s(now_s))
    if waited_s < SAME_AGAIN_S and (
        one.last_partner == other.handle or other.last_partner == one.handle
    ):
        return False
    return fits(
        one.preferences,
        other.preferences,
        waited_s,
        waives_language=one.waives_language and other.waives_language,
    )
