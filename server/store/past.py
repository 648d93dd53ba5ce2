"""Who met whom last, and who never again: kept while both sessions live.

Both tables are symmetric, so that all that speaks of a session is found, and goes, with it.
"""

from __future__ import annotations

from collections import defaultdict

from server.core.ids import Handle
from server.core.limits import MAX_NEVER


class Past:
    """What the sessions of this moment have behind them with one another."""

    def __init__(self) -> None:
        self._never: defaultdict[Handle, dict[Handle, None]] = defaultdict(dict)
        self._last: dict[Handle, Handle] = {}
        self._last_of: defaultdict[Handle, set[Handle]] = defaultdict(set)

    def met(self, one: Handle, other: Handle) -> None:
        """Two were matched."""
        self._set_last(one, other)
        self._set_last(other, one)

    def last(self, handle: Handle) -> Handle | None:
        """Whom this session met last, while that one lives."""
        return self._last.get(handle)

    def part(self, one: Handle, other: Handle) -> None:
        """Two never meet again. Beyond `MAX_NEVER` for one of them, the oldest is let go."""
        for mine, theirs in ((one, other), (other, one)):
            self._never[mine].pop(theirs, None)
            self._never[mine][theirs] = None
            if len(self._never[mine]) > MAX_NEVER:
                self._unpart(mine, next(iter(self._never[mine])))

    def never(self, handle: Handle) -> frozenset[Handle]:
        """Whom this session never meets again: at most `MAX_NEVER`."""
        return frozenset(self._never.get(handle, ()))

    def forget(self, handle: Handle) -> None:
        """Drop all that speaks of a session."""
        for other in list(self._never.get(handle, ())):
            self._unpart(handle, other)
        self._drop_last(handle)
        for other in self._last_of.pop(handle, set()):
            del self._last[other]

    def _set_last(self, handle: Handle, other: Handle) -> None:
        self._drop_last(handle)
        self._last[handle] = other
        self._last_of[other].add(handle)

    def _drop_last(self, handle: Handle) -> None:
        before = self._last.pop(handle, None)
        if before is not None:
            self._last_of[before].discard(handle)
            if not self._last_of[before]:
                del self._last_of[before]

    def _unpart(self, one: Handle, other: Handle) -> None:
        for mine, theirs in ((one, other), (other, one)):
            self._never[mine].pop(theirs, None)
            if not self._never[mine]:
                del self._never[mine]
