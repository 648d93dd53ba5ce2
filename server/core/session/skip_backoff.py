"""A pause that grows with many a Next: to rest the one who skips, and those who are skipped."""

from __future__ import annotations

from server.core.errors import CooldownError
from server.core.limits import FREE_SKIPS, SKIP_FORGOTTEN_S, SKIP_PAUSE_MOST_S, SKIP_PAUSE_S

MOST_DOUBLINGS = 16
"""More than lead to the longest pause."""


class SkipBackoff:
    """How many conversations one session has left for the next; each is forgotten with time.

    The first `FREE_SKIPS` in a row cost nothing; then each asks for twice the pause before it.
    """

    __slots__ = ("_count", "_stamp_s", "_until_s")

    def __init__(self, now_s: float) -> None:
        self._count = 0.0
        self._stamp_s = now_s
        self._until_s = now_s

    def skip(self, now_s: float) -> None:
        """Count one; from now on there may be a pause."""
        self._count = max(0.0, self._count - (now_s - self._stamp_s) / SKIP_FORGOTTEN_S) + 1
        self._stamp_s = now_s
        over = self._count - FREE_SKIPS
        if over > 0:
            pause_s = min(SKIP_PAUSE_MOST_S, SKIP_PAUSE_S * 2 ** min(over - 1, MOST_DOUBLINGS))
            self._until_s = max(self._until_s, now_s + pause_s)

    def check(self, now_s: float) -> None:
        """Pass if there is no pause now.

        Raises:
            RestError: if there is one.
        """
        if now_s < self._until_s:
            raise CooldownError(self._until_s - now_s)
