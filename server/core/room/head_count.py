"""The published head count of a room, which reveals little about any single member.

With exact counts on a public page, a visitor who polls every second could see each join and each
departure. The count is therefore blurred, and a published value stays unchanged for `HEAD_COUNT_S`
or a little more, for all visitors and however often they ask. A single join cannot be detected from
the page; a step of the blur reveals at most that somebody joined during the last minutes.

Two changes are published at once, because a room that looked empty for minutes would stay empty:
that the last member left, and that somebody joined an empty room.
"""

from __future__ import annotations

import math

from server.core.blur import blur
from server.core.durations import drawn_between
from server.core.limits import HEAD_COUNT_MAX_S, HEAD_COUNT_S


class HeadCount:
    """The published head count of one room."""

    __slots__ = ("_shown", "_until_s")

    def __init__(self) -> None:
        self._shown = 0
        self._until_s = -math.inf

    def published(self, people: int, now_s: float) -> int:
        """Return the published count: about how many members are there, rounded up; 0 for none."""
        if people == 0:
            self._shown = 0
        elif self._shown == 0 or now_s >= self._until_s:
            self._shown, self._until_s = (
                blur(people),
                now_s + drawn_between(HEAD_COUNT_S, HEAD_COUNT_MAX_S),
            )
        return self._shown
