"""Fair shares of a scarce resource: when every place is taken, whoever holds most gives way.

Theory of operation
===================

A *place* is held by an id (a session, a room, a code) for a *holder*: the circuit that it came
through, or the id itself where circuits are not known. When there is no free place, one place of
the holder with the most places is given up (max-min fairness), there the one of the lowest
`Priority`, and of those the one that was not used for the longest time.

- A holder that would then hold the most itself gets no place.
- Between two holders of equally many places nothing is gained, so a seat with somebody else is
  never given up there; one without is, for a newcomer is there and an idle session is not. Where
  circuits are not known, every holder has one place, and this is the only rule that acts.
- A holder has a quota, too. At its quota it gives up a place of its own, but never a seat.

Every call takes constant time, whatever the number of places:

    places      id -> holder and priority
    held        holder and priority -> its ids, the one that was used longest ago first
    counts      holder -> number of its ids
    levels      number of ids and lowest priority -> such holders, the one that used or changed
                any of its places longest ago first

The counts change by one, so the largest of them does too.

Rules of this file: it knows no clock, and nothing of sessions. Order is the order of calls.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from enum import IntEnum
from typing import Generic, TypeVar

from .errors import ServerFullError

Id = TypeVar("Id", bound=Hashable)


class Priority(IntEnum):
    """What a place is used for; a lower one is given up first."""

    UNUSED = 0
    """By somebody who never wrote and is with nobody. An open stream makes no difference: it costs
    nothing to hold one, and a newcomer has none yet."""

    ACTIVE = 1
    """By somebody who has written, and is with nobody now."""

    SEATED = 2
    """In a conversation with somebody else."""


class Shares(Generic[Id]):
    """The places of one scarce resource, and who holds them.

    Args:
        capacity: places in all.
        quota: most places of one holder.
    """

    def __init__(self, *, capacity: int, quota: int) -> None:
        self._capacity = capacity
        self._quota = quota
        self._places: dict[Id, tuple[Hashable, Priority]] = {}
        # Ordered ones: the first key of a plain dictionary whose first keys were deleted is found
        # by passing over each of them.
        self._held: dict[tuple[Hashable, Priority], OrderedDict[Id, None]] = {}
        self._counts: dict[Hashable, int] = {}
        self._levels: dict[tuple[int, Priority], OrderedDict[Hashable, None]] = {}
        self._most = 0
        """Places of the holder that has the most."""

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, place: Id) -> bool:
        return place in self._places

    def count(self, holder: Hashable) -> int:
        """How many places a holder has."""
        return self._counts.get(holder, 0)

    def to_give_way(self, holder: Hashable) -> Id | None:
        """Whose place this holder may take: `None` if there is a free one. Changes nothing.

        Raises:
            ServerFullError: if no place is to be given up for this holder.
        """
        wanted = self.count(holder) + 1
        if wanted > self._quota:
            return self._least_of(holder)
        if len(self) < self._capacity:
            return None
        if self._most < wanted:
            raise ServerFullError
        for priority in Priority:
            holders = self._levels.get((self._most, priority))
            if holders and (self._most > wanted or priority is not Priority.SEATED):
                return next(iter(self._held[next(iter(holders)), priority]))
        raise ServerFullError

    def hold(self, place: Id, holder: Hashable, priority: Priority) -> None:
        """Record who holds a place and what for, whether or not it was held before.

        A change counts as a use. The capacity is not checked: see `to_give_way`.
        """
        if self._places.get(place) != (holder, priority):
            self._put(place, holder, priority)

    def rank(self, place: Id, priority: Priority) -> None:
        """Record what a place is used for now, if it is held; a change counts as a use."""
        if place in self._places:
            self.hold(place, self._places[place][0], priority)

    def move(self, place: Id, holder: Hashable) -> None:
        """Record for whom a place counts now, if it is held; a change counts as a use."""
        if place in self._places:
            self.hold(place, holder, self._places[place][1])

    def use(self, place: Id) -> None:
        """Record that a place is used now, if it is held."""
        found = self._places.get(place)
        if found is not None:
            holder, _ = found
            self._held[found].move_to_end(place)
            self._levels[self.count(holder), self._lowest(holder)].move_to_end(holder)

    def release(self, place: Id) -> None:
        """Free a place, if it is held."""
        found = self._places.pop(place, None)
        if found is None:
            return
        holder, _ = found
        self._take_level(holder)
        ids = self._held[found]
        del ids[place]
        if not ids:
            del self._held[found]
        self._counts[holder] -= 1
        if not self._counts[holder]:
            del self._counts[holder]
        self._put_level(holder)

    def _put(self, place: Id, holder: Hashable, priority: Priority) -> None:
        """Put a place behind all others of its holder and priority."""
        self.release(place)
        self._take_level(holder)
        self._places[place] = holder, priority
        self._held.setdefault((holder, priority), OrderedDict())[place] = None
        self._counts[holder] = self.count(holder) + 1
        self._put_level(holder)

    def _least_of(self, holder: Hashable) -> Id:
        priority = self._lowest(holder)
        if priority is Priority.SEATED:
            raise ServerFullError
        return next(iter(self._held[holder, priority]))

    def _lowest(self, holder: Hashable) -> Priority:
        return next(p for p in Priority if (holder, p) in self._held)

    def _take_level(self, holder: Hashable) -> None:
        count = self.count(holder)
        if count:
            level = count, self._lowest(holder)
            holders = self._levels[level]
            del holders[holder]
            if not holders:
                del self._levels[level]

    def _put_level(self, holder: Hashable) -> None:
        """Put a holder behind all others of its level, and find the largest count again."""
        count = self.count(holder)
        if count:
            level = count, self._lowest(holder)
            self._levels.setdefault(level, OrderedDict())[holder] = None
        self._most = max(self._most, count)
        while self._most and not any((self._most, p) in self._levels for p in Priority):
            self._most -= 1
