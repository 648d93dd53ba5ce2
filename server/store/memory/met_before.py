"""Previous partners and blocks between sessions, kept as long as both exist.

Each table has a reverse table, so that every record of a session is deleted with it. A block is
one-sided: the blocked session cannot undo it, and matching checks both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from server.core.ids import Handle
from server.core.limits import MAX_BLOCKED


class MetBefore:
    """The last partner of each session, and the sessions that it has blocked."""

    def __init__(self) -> None:
        self._blocked: defaultdict[Handle, dict[Handle, None]] = defaultdict(dict)
        self._blocked_by: defaultdict[Handle, set[Handle]] = defaultdict(set)
        self._last_partner: dict[Handle, Handle] = {}
        self._last_partner_of: defaultdict[Handle, set[Handle]] = defaultdict(set)

    def record(self, one: Handle, other: Handle) -> None:
        """Record a match."""
        self._set_last(one, other)
        self._set_last(other, one)

    def last_partner(self, handle: Handle) -> Handle | None:
        """The last partner of a session, if that session still exists."""
        return self._last_partner.get(handle)

    def block(self, one: Handle, other: Handle) -> None:
        """Block a session for another. Beyond `MAX_BLOCKED`, the oldest block is dropped."""
        self._unblock(one, other)
        self._blocked[one][other] = None
        self._blocked_by[other].add(one)
        if len(self._blocked[one]) > MAX_BLOCKED:
            self._unblock(one, next(iter(self._blocked[one])))

    def blocked(self, handle: Handle) -> Set[Handle]:
        """The sessions that this one has blocked, at most `MAX_BLOCKED`: a live view."""
        return self._blocked[handle].keys()

    def rename(self, old: Handle, new: Handle) -> list[Handle]:
        """Move every record of a session to another handle. Views from `blocked` stay valid.

        Returns:
            The sessions whose last partner it is.
        """
        if old in self._blocked:
            self._blocked[new] = self._blocked.pop(old)
            for other in self._blocked[new]:
                self._blocked_by[other].discard(old)
                self._blocked_by[other].add(new)
        for other in self._blocked_by.get(old, ()):
            blocked = self._blocked[other]
            in_order = [new if handle == old else handle for handle in blocked]
            blocked.clear()
            blocked.update(dict.fromkeys(in_order))
        if old in self._blocked_by:
            self._blocked_by[new] = self._blocked_by.pop(old)
        partner = self._last_partner.get(old)
        if partner is not None:
            self._set_last(new, partner)
            self._drop_last(old)
        met_last = list(self._last_partner_of.get(old, ()))
        for other in met_last:
            self._set_last(other, new)
        return met_last

    def forget(self, handle: Handle) -> list[Handle]:
        """Delete every record of a session.

        Returns:
            The sessions whose last partner it was.
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
