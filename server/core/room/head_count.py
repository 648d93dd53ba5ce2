"""How many are in a room, told to everybody so that it tells little about anybody.

Exact counts on a public page would let whoever asks every second see each coming and going. So a
count is blurred, and what was shown then stands for `HEAD_COUNT_S`, whoever asks and however
often: somebody's coming cannot be told from the page, and a step of the blur says at most that
somebody came in the minutes before.

Two things are shown at once, because a room that seemed empty for minutes would stay so: that
nobody is there any more, and that somebody came into an empty room.
"""

from __future__ import annotations

import math

from server.core.blur import blur
from server.core.limits import HEAD_COUNT_S


class HeadCount:
    """What is shown of one room's head count."""

    __slots__ = ("_shown", "_until_s")

    def __init__(self) -> None:
        self._shown = 0
        self._until_s = -math.inf

    def shown(self, people: int, now_s: float) -> int:
        """At most how many are there, about; 0 for nobody."""
        if people == 0:
            self._shown = 0
        elif self._shown == 0 or now_s >= self._until_s:
            self._shown, self._until_s = blur(people), now_s + HEAD_COUNT_S
        return self._shown
