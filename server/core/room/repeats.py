"""The same words over and over: noticed by hashes, so that no words are kept for it."""

from __future__ import annotations

import math
from collections import deque

from server.core.errors import RepeatedError
from server.core.limits import ECHO_S, ECHOES
from server.core.ratelimit import ROUNDING


class Echoes:
    """What one member said of late, as keyed hashes: older ones go with the next message."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: deque[tuple[float, bytes]] = deque()

    def check(self, text_tag: bytes, now_s: float) -> None:
        """Pass if these words were not said `ECHOES` times lately.

        Raises:
            RepeatedError: otherwise; with the time until they may be said again.
        """
        while self._said and now_s - self._said[0][0] >= ECHO_S - ROUNDING:
            self._said.popleft()
        same = [said_s for said_s, tag in self._said if tag == text_tag]
        if len(same) >= ECHOES:
            raise RepeatedError(max(1, math.ceil(same[-ECHOES] + ECHO_S - now_s - ROUNDING)))

    def said(self, text_tag: bytes, now_s: float) -> None:
        """Remember that these words were said."""
        self._said.append((now_s, text_tag))
