"""The source of randomness of the matching: the operating system's, or a repeatable one in tests."""

from __future__ import annotations

from typing import Protocol


class Chance(Protocol):
    """The part of `random.Random` that a draw uses; `secrets.SystemRandom` in the program."""

    def random(self) -> float:
        """Return a number from 0 up to, but not including, 1."""

    def randrange(self, stop: int, /) -> int:
        """Return a whole number from 0 up to, but not including, `stop`."""
