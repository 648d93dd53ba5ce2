"""A token bucket: a burst at once, then one more per interval."""

from __future__ import annotations

import math

from .errors import RateLimitedError

ROUNDING = 1e-6
"""Tolerance for floating point: a caller who waited for `retry_after_s` must not be refused,
however long the machine has been running."""


class TokenBucket:
    """Holds up to `burst` tokens and regains one every `every_s` seconds.

    Args:
        burst: tokens in a full bucket. At least 1.
        every_s: seconds until one token is regained.
        now_s: the time at which it starts, full.
    """

    __slots__ = ("_burst", "_every_s", "_stamp_s", "_tokens")

    def __init__(self, *, burst: int, every_s: float, now_s: float) -> None:
        self._burst = burst
        self._every_s = every_s
        self._tokens = float(burst)
        self._stamp_s = now_s

    def check(self, now_s: float) -> None:
        """Check that there is a token, without taking it.

        Raises:
            RateLimitedError: if there is none.
        """
        if not self.has_token(now_s):
            raise RateLimitedError(max(1, math.ceil((1 - self._tokens) * self._every_s)))

    def has_token(self, now_s: float) -> bool:
        """Whether there is a token."""
        refilled = self._tokens + (now_s - self._stamp_s) / self._every_s
        self._tokens = min(float(self._burst), refilled)
        self._stamp_s = now_s
        return self._tokens >= 1 - ROUNDING

    def take(self, now_s: float) -> None:
        """Take one token.

        Raises:
            RateLimitedError: if there is none; the bucket does not change then.
        """
        self.check(now_s)
        self._tokens = max(0.0, self._tokens - 1)
