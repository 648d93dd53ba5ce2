"""Who met whom last, and who never again: kept while both sessions live.

Each table has its reverse, so that all that speaks of a session is found, and goes, with it. Who
never wants to meet whom is one-sided: whoever is not wanted can do nothing about it, and a ticket
looks at both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from server.core.ids import Handle
from server.core.limits import MAX_NEVER


class Past:
    """What the sessions of this moment have behind them with one another."""

    def __init__(self) -> None:
        self._never: defaultdict[Handle, dict[Handle, None]] = defaultdict(dict)
        self._never_of: defaultdict[Handle, set[Handle]] = defaultdict(set)
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
        """One never meets the other again. Beyond `MAX_NEVER` of its own the oldest is let go."""
        self._unpart(one, other)
        self._never[one][other] = None
        self._never_of[other].add(one)
        if len(self._never[one]) > MAX_NEVER:
            self._unpart(one, next(iter(self._never[one])))

    def never(self, handle: Handle) -> Set[Handle]:
        """Whom this session never wants to meet again: at most `MAX_NEVER`, as it stands."""
        return self._never[handle].keys()

    def forget(self, handle: Handle) -> list[Handle]:
        """Drop all that speaks of a session.

        Returns:
            Those who had met it last.
        """
        for other in self._never.pop(handle, {}):
            self._drop_reverse(handle, other)
        for other in self._never_of.pop(handle, set()):
            self._never[other].pop(handle)
        self._drop_last(handle)
        met_last = list(self._last_of.pop(handle, ()))
        for other in met_last:
            del self._last[other]
        return met_last

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
        if other in self._never[one]:
            del self._never[one][other]
            self._drop_reverse(one, other)

    def _drop_reverse(self, one: Handle, other: Handle) -> None:
        self._never_of[other].discard(one)
        if not self._never_of[other]:
            del self._never_of[other]
