"""A pause that grows with the number of skipped conversations, for the sake of both sides."""

from __future__ import annotations

from server.core.errors import CooldownError
from server.core.limits import FREE_SKIPS, MAX_SKIP_PAUSE_S, SKIP_DECAY_S, SKIP_PAUSE_S

MAX_DOUBLINGS = 16
"""Cap of the exponent, above the one that reaches the longest pause."""


class SkipBackoff:
    """Counts the conversations that one session has skipped; the count decays with time.

    The first `FREE_SKIPS` in a row are free; each further one doubles the pause.
    """

    __slots__ = ("_count", "_stamp_s", "_until_s")

    def __init__(self, now_s: float) -> None:
        self._count = 0.0
        self._stamp_s = now_s
        self._until_s = now_s

    def skip(self, now_s: float) -> None:
        """Count one skip, which may start a pause."""
        self._count = max(0.0, self._count - (now_s - self._stamp_s) / SKIP_DECAY_S) + 1
        self._stamp_s = now_s
        excess = self._count - FREE_SKIPS
        if excess > 0:
            pause_s = min(MAX_SKIP_PAUSE_S, SKIP_PAUSE_S * 2 ** min(excess - 1, MAX_DOUBLINGS))
            self._until_s = max(self._until_s, now_s + pause_s)

    def check(self, now_s: float) -> None:
        """Check that no pause is running.

        Raises:
            CooldownError: while one is.
        """
        if now_s < self._until_s:
            raise CooldownError(self._until_s - now_s)
