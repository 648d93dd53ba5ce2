"""Limits repeated messages by comparing hashes, so that no text is stored for it."""

from __future__ import annotations

import math
from collections import deque

from server.core.errors import RepeatedError
from server.core.limits import MAX_REPEATS, REPEAT_WINDOW_S
from server.core.ratelimit import ROUNDING


class Repeats:
    """Recent messages of one member as keyed hashes; expired ones are dropped at the next check."""

    __slots__ = ("_recent",)

    def __init__(self) -> None:
        self._recent: deque[tuple[float, bytes]] = deque()

    def check(self, text_tag: bytes, now_s: float) -> None:
        """Pass if this text was posted fewer than `MAX_REPEATS` times within the window.

        Raises:
            RepeatedError: otherwise; with the time until it may be posted again.
        """
        while self._recent and now_s - self._recent[0][0] >= REPEAT_WINDOW_S - ROUNDING:
            self._recent.popleft()
        same = [posted_s for posted_s, tag in self._recent if tag == text_tag]
        if len(same) >= MAX_REPEATS:
            raise RepeatedError(
                max(1, math.ceil(same[-MAX_REPEATS] + REPEAT_WINDOW_S - now_s - ROUNDING))
            )

    def record(self, text_tag: bytes, now_s: float) -> None:
        """Record that this text was posted."""
        self._recent.append((now_s, text_tag))
