"""The same words over and over: noticed by hashes, so that no words are kept for it."""

from __future__ import annotations

import math
from collections import deque

from server.core.errors import RepeatedError
from server.core.limits import MAX_REPEATS, REPEAT_WINDOW_S
from server.core.ratelimit import ROUNDING


class Repeats:
    """What one member said of late, as keyed hashes: older ones go with the next message."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: deque[tuple[float, bytes]] = deque()

    def check(self, text_tag: bytes, now_s: float) -> None:
        """Pass if these words were not said `MAX_REPEATS` times lately.

        Raises:
            RepeatedError: otherwise; with the time until they may be said again.
        """
        while self._said and now_s - self._said[0][0] >= REPEAT_WINDOW_S - ROUNDING:
            self._said.popleft()
        same = [said_s for said_s, tag in self._said if tag == text_tag]
        if len(same) >= MAX_REPEATS:
            raise RepeatedError(
                max(1, math.ceil(same[-MAX_REPEATS] + REPEAT_WINDOW_S - now_s - ROUNDING))
            )

    def record(self, text_tag: bytes, now_s: float) -> None:
        """Remember that these words were said."""
        self._said.append((now_s, text_tag))
