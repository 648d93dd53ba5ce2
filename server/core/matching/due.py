"""The waiting tickets that are due to search in the next draw.

A ticket is due when it has just entered, when its owner is back, when its language was waived, and
once after each waiting time in `RELAXATION_TIMES_S`, because more tickets fit it from then on. It
stays due until it has searched all tickets and none of them will fit it as they are.

A ticket that becomes due is *fresh*: the next draw may leave it out by chance. One that was left
out, or that could not finish, is no longer fresh and takes part for certain.

Orders are assigned by time of arrival, so the ticket that is relaxed first is always at the front:
nothing is scanned.
"""

from __future__ import annotations

from collections.abc import Callable

from .compatibility import RELAXATION_TIMES_S
from .sorted_ints import SortedInts


class DueTickets:
    """Waiting tickets by the reason for their next search. Holds orders only, never a handle."""

    def __init__(self) -> None:
        self._scheduled = [(wait_s, SortedInts()) for wait_s in RELAXATION_TIMES_S]
        self._starts: dict[int, int] = {}
        self._fresh: set[int] = set()

    def __len__(self) -> int:
        """Count the entries of all tables."""
        scheduled = sum(len(orders) for _, orders in self._scheduled)
        return len(self._starts) + len(self._fresh) + scheduled

    def __contains__(self, order: int) -> bool:
        return order in self._starts

    def orders(self) -> list[int]:
        """Return every order that is due."""
        # A dictionary of Python keeps the places of removed entries, and reading it passes them
        # all: after a hundred thousand tickets every draw would. The copy has none.
        self._starts = dict(self._starts)
        return list(self._starts)

    def schedule(self, order: int) -> None:
        """Let a ticket become due at each waiting time that relaxes a rule."""
        for _, orders in self._scheduled:
            orders.add(order)

    def request(self, order: int) -> None:
        """Let a ticket search from the beginning; it is fresh unless it was due already."""
        if order not in self._starts:
            self._fresh.add(order)
        self._starts[order] = 0

    def keep(self, order: int, start: int = 0) -> None:
        """Let a ticket that has searched in this draw search on from `start` in the next one."""
        self._starts[order] = start
        self._fresh.discard(order)

    def start_of(self, order: int) -> int:
        """Return where the search of a ticket that is due begins."""
        return self._starts[order]

    def is_fresh(self, order: int) -> bool:
        """Check whether the next draw may leave a ticket out."""
        return order in self._fresh

    def settle(self, order: int) -> None:
        """A draw has decided by chance whether a ticket takes part: it is no longer fresh."""
        self._fresh.discard(order)

    def finish(self, order: int) -> None:
        """A ticket has searched all that it can: it is not due any more. Idempotent."""
        self._starts.pop(order, None)
        self._fresh.discard(order)

    def remove(self, order: int) -> None:
        """Remove a ticket from all tables. Idempotent."""
        self.finish(order)
        for _, orders in self._scheduled:
            orders.discard(order)

    def relax_next(self, waited_s: Callable[[int], float]) -> bool:
        """Make one ticket due that has waited long enough for a relaxed rule, if there is one."""
        for wait_s, orders in self._scheduled:
            order = orders.first()
            if order is not None and waited_s(order) >= wait_s:
                orders.discard(order)
                self.request(order)
                return True
        return False
