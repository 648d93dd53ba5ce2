"""A pause that grows with how often something was done in a row, for the sake of all who wait.

Two things are counted. A conversation that a visitor leaves for the next one (`SKIPS`): each is a
person who was left. And a match, however the one before it ended (`MATCHES`): a program that takes
one match after the other, and lets its partners leave, meets as many people as one that leaves. The
second pause is short, because it also meets a person whom partners leave again and again.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.core.errors import CooldownError
from server.core.limits import (
    FREE_MATCHES,
    FREE_SKIPS,
    MATCH_DECAY_S,
    MATCH_PAUSE_S,
    MAX_MATCH_PAUSE_S,
    MAX_SKIP_PAUSE_S,
    SKIP_DECAY_S,
    SKIP_PAUSE_S,
)

MAX_DOUBLINGS = 16
"""Cap of the exponent, above the one that reaches the longest pause."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much is free, and how long the pauses are."""

    free: int
    """How many in a row are free."""

    decay_s: float
    """Seconds after which one no longer counts."""

    first_pause_s: float
    """The first pause; each further one is twice as long."""

    longest_pause_s: float


SKIPS = Allowance(FREE_SKIPS, SKIP_DECAY_S, SKIP_PAUSE_S, MAX_SKIP_PAUSE_S)
MATCHES = Allowance(FREE_MATCHES, MATCH_DECAY_S, MATCH_PAUSE_S, MAX_MATCH_PAUSE_S)


class Backoff:
    """Counts one thing; the count decays with time.

    Args:
        allowance: how much is free.
        now_s: when it is created.
    """

    __slots__ = ("_allowance", "_count", "_stamp_s", "_until_s")

    def __init__(self, allowance: Allowance, now_s: float) -> None:
        self._allowance = allowance
        self._count = 0.0
        self._stamp_s = now_s
        self._until_s = now_s

    def count(self, now_s: float) -> None:
        """Count one, which may start a pause."""
        allowance = self._allowance
        self._count = self._left(now_s) + 1
        self._stamp_s = now_s
        excess = self._count - allowance.free
        if excess > 0:
            pause_s = min(
                allowance.longest_pause_s,
                allowance.first_pause_s * 2 ** min(excess - 1, MAX_DOUBLINGS),
            )
            self._until_s = max(self._until_s, now_s + pause_s)

    def check(self, now_s: float) -> None:
        """Check that no pause is running.

        Raises:
            CooldownError: while one is.
        """
        if now_s < self._until_s:
            raise CooldownError(self._until_s - now_s)

    def is_over(self, now_s: float) -> bool:
        """Check that nothing counts any more, so that this record can be deleted."""
        return now_s >= self._until_s and self._left(now_s) == 0

    def _left(self, now_s: float) -> float:
        return max(0.0, self._count - (now_s - self._stamp_s) / self._allowance.decay_s)
