"""The source of randomness of the draws: the operating system, or a repeatable one in tests."""

from __future__ import annotations

import secrets
from typing import Protocol

RESOLUTION = 2**32
"""A probability is a multiple of one divided by this."""


class Chance(Protocol):
    """Decides what a draw leaves to chance."""

    def below(self, stop: int, /) -> int:
        """Return a whole number from 0 up to, but not including, `stop`; each as likely."""

    def happens(self, probability: float, /) -> bool:
        """Return whether something of this probability, from 0 to 1, happens."""


class SystemChance:
    """The operating system's generator: nobody can predict whom they are matched with."""

    def below(self, stop: int, /) -> int:
        """See `Chance`."""
        return secrets.randbelow(stop)

    def happens(self, probability: float, /) -> bool:
        """See `Chance`."""
        return secrets.randbelow(RESOLUTION) < probability * RESOLUTION
