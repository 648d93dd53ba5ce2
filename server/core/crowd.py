"""About how many people are here: the number on the home page, which anybody may ask for.

An exact number would show each coming and going. So the published one is a step of `LEVELS`, and
stays for `HEAD_COUNT_S` or a little more, for everybody and however often they ask. To reach
another step the exact number must pass it by a share that is drawn anew each time. Somebody who
brings sessions of their own, just as many as reach a step, cannot tell from it whether one other
person is here.
"""

from __future__ import annotations

import math

from server.core.durations import drawn_between
from server.core.limits import HEAD_COUNT_MAX_S, HEAD_COUNT_S

LEVELS = (
    0,
    *(digits * power for power in (1, 10, 100, 1_000) for digits in (10, 15, 20, 30, 50, 70)),
)
"""What can be published. 0: fewer than ten, nobody included."""

UP = (1.0, 1.2)
"""A step is reached by this multiple of it at least; drawn between the two."""

DOWN = (0.75, 0.95)
"""A step that is published stays down to this multiple of it; drawn between the two."""


class Crowd:
    """The published number of people on the server."""

    __slots__ = ("_shown", "_until_s")

    def __init__(self) -> None:
        self._shown = 0
        self._until_s = -math.inf

    def published(self, people: int, now_s: float) -> int:
        """Return about how many people are here; 0 for fewer than ten."""
        if now_s >= self._until_s:
            lowest = _highest_reached(people, drawn_between(*UP))
            highest = _highest_reached(people, drawn_between(*DOWN))
            self._shown = min(max(self._shown, lowest), highest)
            self._until_s = now_s + drawn_between(HEAD_COUNT_S, HEAD_COUNT_MAX_S)
        return self._shown


def _highest_reached(people: int, multiple: float) -> int:
    """Return the highest step of which a number of people is this multiple at least."""
    return max(level for level in LEVELS if people >= level * multiple)
