"""Tickets waiting, and who is matched with whom: first come, first served.

Theory of operation
===================

A ticket has an order, drawn from a counter when it is made and kept for its whole life: whoever
is put back after a failed match is therefore back at the head without any special case. Each
intent has one heap by order. An arrival looks at the top of each heap that fits it and takes
the lowest order of all: the oldest ticket that fits.

Presence is a deadline (`present_until_s`; `FOREVER` while a waiting page is open). A ticket
that is found absent at the top leaves its heap and is parked; its owner's next request puts it
back under the same order. So no arrival scans: each costs O(log n), parking paid once by the
request that put the ticket there.

Rules of this file
==================

1. No clock and no randomness: the same calls give the same matches.
2. Nobody is matched with himself: a handle has one ticket.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from itertools import count

from .errors import HouseFullError
from .ids import Handle
from .wish import FITS, Intent, Wish

FOREVER = math.inf


@dataclass(slots=True, eq=False)
class Ticket:
    """One wish to be matched, waiting."""

    handle: Handle
    wish: Wish
    order: int
    present_until_s: float
    place: list[Ticket] = field(default_factory=list)
    """What stands for it in a heap: emptied when it is withdrawn, so that the heap, which drops
    it only later, does not remember whose it was."""

    queued: bool = field(default=False)
    """Whether a heap holds its place. At most one does, once."""


class Matchmaker:
    """All tickets of the house.

    Args:
        max_tickets: most people waiting at once.
    """

    def __init__(self, *, max_tickets: int) -> None:
        self._max_tickets = max_tickets
        self._tickets: dict[Handle, Ticket] = {}
        # (order, serial, ticket): a ticket that was put back shares its order with the entry that
        # it left behind, and the serial keeps the heap from comparing tickets.
        self._heaps: dict[Intent, list[tuple[int, int, list[Ticket]]]] = {i: [] for i in Intent}
        self._orders = count(1)
        self._serials = count(1)

    def __len__(self) -> int:
        return len(self._tickets)

    def ticket(self, handle: Handle) -> Ticket | None:
        """The ticket of `handle`, or `None` when it does not wait."""
        return self._tickets.get(handle)

    def arrive(
        self, handle: Handle, wish: Wish, now_s: float, present_until_s: float
    ) -> Ticket | None:
        """Match an arrival with the oldest ticket that fits, or let it wait.

        Returns:
            The matched ticket, which waits no longer; or `None`: the arrival waits now. An
            arrival that waited already keeps its order under its new wish.

        Raises:
            HouseFullError: if it would have to wait and every place is taken.
        """
        own = self.withdraw(handle)
        found = self._oldest(wish.intent, now_s)
        if found is not None:
            self.withdraw(found.handle)
            return found
        if len(self._tickets) >= self._max_tickets:
            raise HouseFullError
        order = next(self._orders) if own is None else own.order
        self.wait(Ticket(handle, wish, order, present_until_s))
        return None

    def wait(self, ticket: Ticket) -> None:
        """Let a ticket wait under the order it has: a new one, or one that was matched in vain.

        The latter is never refused: its owner had a place before.
        """
        waiting = Ticket(ticket.handle, ticket.wish, ticket.order, ticket.present_until_s)
        self._tickets[ticket.handle] = waiting
        self._enqueue(waiting)

    def refresh(self, handle: Handle, present_until_s: float) -> None:
        """Say until when the owner of a ticket counts as present."""
        ticket = self._tickets.get(handle)
        if ticket is not None:
            ticket.present_until_s = present_until_s
            self._enqueue(ticket)

    def withdraw(self, handle: Handle) -> Ticket | None:
        """Take a ticket away, and return it when there was one."""
        # Its place in a heap stays behind, empty, and is dropped when it comes to the top.
        ticket = self._tickets.pop(handle, None)
        if ticket is not None:
            ticket.place.clear()
        return ticket

    def drop_absent(self, before_s: float) -> None:
        """Withdraw every ticket whose presence ended before `before_s`."""
        for ticket in [t for t in self._tickets.values() if t.present_until_s < before_s]:
            self.withdraw(ticket.handle)
        for intent, heap in self._heaps.items():
            if len(heap) > 2 * len(self._tickets) + 16:
                live = [entry for entry in heap if entry[2]]
                heapq.heapify(live)
                self._heaps[intent] = live

    def _enqueue(self, ticket: Ticket) -> None:
        if not ticket.queued:
            ticket.queued = True
            ticket.place = [ticket]
            heapq.heappush(
                self._heaps[ticket.wish.intent], (ticket.order, next(self._serials), ticket.place)
            )

    def _oldest(self, intent: Intent, now_s: float) -> Ticket | None:
        tops = (self._top(other, now_s) for other in FITS[intent])
        return min((t for t in tops if t is not None), key=lambda t: t.order, default=None)

    def _top(self, intent: Intent, now_s: float) -> Ticket | None:
        """The first present ticket of one heap; withdrawn ones are dropped, absent ones parked."""
        heap = self._heaps[intent]
        while heap:
            place = heap[0][2]
            if not place:
                heapq.heappop(heap)
                continue
            ticket = place[0]
            if ticket.present_until_s < now_s:
                heapq.heappop(heap)
                ticket.queued = False
            else:
                return ticket
        return None
