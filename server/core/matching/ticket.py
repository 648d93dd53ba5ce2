"""A ticket: one waiting request to be matched; and which two tickets may be matched."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from server.core.ids import CircuitKey, Handle
from server.core.limits import MAX_BLOCKED, SAME_PARTNER_S

from .compatibility import RELAXATION_TIMES_S, fits
from .preferences import Preferences


@dataclass(slots=True, eq=False)
class Ticket:
    """One waiting request to be matched. Deleted when matched, cancelled, or absent for too long.

    Raises:
        ValueError: if it has more than `MAX_BLOCKED` blocked partners.
    """

    handle: Handle
    preferences: Preferences
    order: int
    """Its position among all tickets. Kept when the ticket is requeued."""

    since_s: float
    """When it began to wait. Consistent with `order`: a lower order never began later."""

    present_until_s: float
    """Deadline until which its owner counts as present."""

    waives_language: bool = field(default=False, kw_only=True)
    """Whether its owner accepts a partner without a common language who accepts that as well. On a
    waiting ticket only `Matchmaker.waive_language` changes it."""

    blocked: Set[Handle] = field(default=frozenset(), kw_only=True)
    """Partners its owner must not meet again; may be a live view of a set stored elsewhere."""

    circuit: CircuitKey | None = field(default=None, kw_only=True)
    """The circuit of its owner's last request. The matchmaker changes it while the ticket waits."""

    last_partner: Handle | None = field(default=None, kw_only=True)
    """The partner its owner met last."""

    def __post_init__(self) -> None:
        if len(self.blocked) > MAX_BLOCKED:
            raise ValueError("too many blocked partners on one ticket")

    def waited_s(self, now_s: float) -> float:
        """Return how long it has waited."""
        return now_s - self.since_s


def mates_may_match(one: Ticket, other: Ticket) -> bool:
    """Check whether two tickets of one circuit may be matched, as if they had waited long.

    So neither topics, nor that both want to talk, nor that they met a moment ago keep them apart.
    """
    return may_match(one, other, one.since_s + RELAXATION_TIMES_S[-1])


def may_match(one: Ticket, other: Ticket, now_s: float) -> bool:
    """Check whether two tickets may be matched, regardless of presence."""
    if one.handle in other.blocked or other.handle in one.blocked:
        return False
    waited_s = max(one.waited_s(now_s), other.waited_s(now_s))
    if waited_s < SAME_PARTNER_S and (
        one.last_partner == other.handle or other.last_partner == one.handle
    ):
        return False
    return fits(
        one.preferences,
        other.preferences,
        waited_s,
        waives_language=one.waives_language and other.waives_language,
    )
