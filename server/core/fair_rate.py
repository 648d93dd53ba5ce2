"""A limit of a rate that is shared by circuit, so that nobody can use all of it up.

Each circuit has a bucket of its own. Beside these there may be a common bucket, for all circuits
together and for requests whose circuit is not known. A circuit whose own bucket is full does not
need the common one: however many others have emptied it, whoever has taken nothing lately may
still take one.

A bucket is forgotten as soon as it would be full again. It outlives the sessions of its circuit
until then: otherwise a new session would mean a new bucket.
"""

from __future__ import annotations

from collections import OrderedDict

from .ids import CircuitKey
from .ratelimit import TokenBucket

MAX_CIRCUITS = 20_000
"""Circuits whose buckets are kept at once; beyond that the oldest is forgotten. Each of them has
to be built through Tor within the time that a bucket needs to fill."""


class FairRate:
    """Tokens of each circuit, and common ones.

    Args:
        burst: tokens that one circuit can take at once. At least 1.
        every_s: seconds until a circuit regains one.
        common: for all together; `None` if only circuits are limited.
    """

    def __init__(self, *, burst: int, every_s: float, common: TokenBucket | None = None) -> None:
        self._burst = burst
        self._every_s = every_s
        self._common = common
        self._own: OrderedDict[CircuitKey, tuple[TokenBucket, float]] = OrderedDict()
        """Circuit -> its bucket, and when it was last used; the one used longest ago first."""

    def check(self, circuit: CircuitKey | None, now_s: float) -> None:
        """Check that a token may be taken, without taking it.

        Args:
            circuit: `None` if it is not known.
            now_s: monotonic seconds.

        Raises:
            RateLimitedError: if none may be.
        """
        self.forget_full(now_s)
        own = self._own.get(circuit) if circuit is not None else None
        if own is not None:
            own[0].check(now_s)
        if self._common is not None and (own is not None or circuit is None):
            self._common.check(now_s)

    def take(self, circuit: CircuitKey | None, now_s: float) -> None:
        """Take a token.

        Raises:
            RateLimitedError: as `check`; nothing is taken then.
        """
        self.check(circuit, now_s)
        if circuit is not None:
            self._own_bucket(circuit, now_s).take(now_s)
        if self._common is not None and self._common.has_token(now_s):
            self._common.take(now_s)

    def forget_full(self, now_s: float) -> None:
        """Forget every bucket that is certainly full again."""
        full_after_s = self._burst * self._every_s
        while self._own:
            circuit, (_, used_s) = next(iter(self._own.items()))
            if now_s - used_s < full_after_s and len(self._own) <= MAX_CIRCUITS:
                return
            del self._own[circuit]

    def _own_bucket(self, circuit: CircuitKey, now_s: float) -> TokenBucket:
        """The bucket of a circuit, as the one that was used last."""
        found = self._own.pop(circuit, None)
        bucket = (
            TokenBucket(burst=self._burst, every_s=self._every_s, now_s=now_s)
            if found is None
            else found[0]
        )
        self._own[circuit] = bucket, now_s
        return bucket
