"""Who met whom last, and who never again: kept while both sessions live.

Each table has its reverse, so that all that speaks of a session is found, and goes, with it. Who
never wants to meet whom is one-sided: whoever is not wanted can do nothing about it, and a ticket
looks at both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from server.core.ids import Handle
from server.core.limits import MAX_BLOCKED


class MetBefore:
    """What the sessions of this moment have behind them with one another."""

    def __init__(self) -> None:
        self._blocked: defaultdict[Handle, dict[Handle, None]] = defaultdict(dict)
        self._blocked_by: defaultdict[Handle, set[Handle]] = defaultdict(set)
        self._last_partner: dict[Handle, Handle] = {}
        self._last_partner_of: defaultdict[Handle, set[Handle]] = defaultdict(set)

    def record(self, one: Handle, other: Handle) -> None:
        """Two were matched."""
        self._set_last(one, other)
        self._set_last(other, one)

    def last_partner(self, handle: Handle) -> Handle | None:
        """Whom this session met last, while that one lives."""
        return self._last_partner.get(handle)

    def block(self, one: Handle, other: Handle) -> None:
        """One never meets the other again. Beyond `MAX_BLOCKED` of its own the oldest is let go."""
        self._unblock(one, other)
        self._blocked[one][other] = None
        self._blocked_by[other].add(one)
        if len(self._blocked[one]) > MAX_BLOCKED:
            self._unblock(one, next(iter(self._blocked[one])))

    def blocked(self, handle: Handle) -> Set[Handle]:
        """Whom this session never wants to meet again: at most `MAX_BLOCKED`, as it stands."""
        return self._blocked[handle].keys()

    def forget(self, handle: Handle) -> list[Handle]:
        """Drop all that speaks of a session.

        Returns:
            Those who had met it last.
        """
        for other in self._blocked.pop(handle, {}):
            self._drop_reverse(handle, other)
        for other in self._blocked_by.pop(handle, set()):
            self._blocked[other].pop(handle)
        self._drop_last(handle)
        met_last = list(self._last_partner_of.pop(handle, ()))
        for other in met_last:
            del self._last_partner[other]
        return met_last

    def _set_last(self, handle: Handle, other: Handle) -> None:
        self._drop_last(handle)
        self._last_partner[handle] = other
        self._last_partner_of[other].add(handle)

    def _drop_last(self, handle: Handle) -> None:
        before = self._last_partner.pop(handle, None)
        if before is not None:
            self._last_partner_of[before].discard(handle)
            if not self._last_partner_of[before]:
                del self._last_partner_of[before]

    def _unblock(self, one: Handle, other: Handle) -> None:
        if other in self._blocked[one]:
            del self._blocked[one][other]
            self._drop_reverse(one, other)

    def _drop_reverse(self, one: Handle, other: Handle) -> None:
        self._blocked_by[other].discard(one)
        if not self._blocked_by[other]:
            del self._blocked_by[other]
