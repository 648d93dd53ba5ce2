"""The waiting tickets, and every table by which a draw finds them.

Rules of this file
==================

1. A handle has at most one ticket, so nobody is matched with themselves.
2. A withdrawn ticket leaves no trace of its handle: no table keeps it, not even an empty one.
3. Presence is a deadline. An absent ticket that a draw comes across is hidden: its index entry is
   removed. When its owner is back, all entries are added again, and the ticket is due again,
   because it may have been passed over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from server.core.ids import CircuitKey, Handle

from .circuits import CircuitTickets
from .due import DueTickets
from .index import Key, TicketIndex
from .ticket import Ticket

FOREVER = math.inf
"""The deadline of a presence that does not end."""


class WaitingTickets:
    """All waiting tickets of the server."""

    def __init__(self) -> None:
        self._by_handle: dict[Handle, Ticket] = {}
        self._by_order: dict[int, Ticket] = {}
        self._hidden: set[int] = set()
        """Orders of absent tickets that lack some of their index entries."""

        self.index = TicketIndex()
        self.due = DueTickets()
        self.circuits = CircuitTickets()
        self.last_draw_s = -math.inf

    def __len__(self) -> int:
        return len(self._by_handle)

    def __iter__(self) -> Iterator[Ticket]:
        return iter(self._by_handle.values())

    @property
    def entry_count(self) -> int:
        """How many entries of all kinds the tables have; 0 without tickets."""
        return len(self.index) + len(self.due) + len(self.circuits) + len(self._hidden)

    def find(self, handle: Handle) -> Ticket | None:
        """Return the ticket of a handle, or `None`."""
        return self._by_handle.get(handle)

    def __contains__(self, order: int) -> bool:
        return order in self._by_order

    def at(self, order: int) -> Ticket:
        """Return the ticket of an order that waits."""
        return self._by_order[order]

    def waited_s(self, order: int, now_s: float) -> float:
        """Return how long the ticket of an order has waited."""
        return self._by_order[order].waited_s(now_s)

    def add(self, ticket: Ticket) -> Ticket | None:
        """Add a ticket, which is due from then on.

        Returns:
            The ticket that was removed, because its circuit had as many as it may.

        Raises:
            ValueError: if another ticket has the same order.
        """
        if ticket.order in self._by_order:
            raise ValueError("two tickets have the same order")
        self._by_handle[ticket.handle] = self._by_order[ticket.order] = ticket
        self._index(ticket)
        self.due.schedule(ticket.order)
        self.due.request(ticket.order)
        return self._join_circuit(ticket)

    def remove(self, handle: Handle) -> Ticket | None:
        """Remove the ticket of `handle`, and return it if there was one."""
        ticket = self._by_handle.pop(handle, None)
        if ticket is not None:
            del self._by_order[ticket.order]
            self.index.remove(
                ticket.order, ticket.preferences, waives_language=ticket.waives_language
            )
            self._hidden.discard(ticket.order)
            self.due.remove(ticket.order)
            self.circuits.remove(ticket.circuit, ticket.order)
        return ticket

    def rename(self, old: Handle, new: Handle) -> None:
        """Move the ticket of `old`, if there is one, to `new`; its place stays the same."""
        ticket = self._by_handle.pop(old, None)
        if ticket is not None:
            ticket.handle = new
            self._by_handle[new] = ticket

    def waive_language(self, ticket: Ticket) -> None:
        """Let a ticket waive a common language; it is due from then on."""
        ticket.waives_language = True
        self._index(ticket)
        self.due.request(ticket.order)
        self.circuits.request(ticket.circuit)

    def set_presence(
        self, ticket: Ticket, present_until_s: float, circuit: CircuitKey | None
    ) -> Ticket | None:
        """Set until when an owner counts as present, and on which circuit.

        Returns:
            The ticket that was removed, because the circuit had as many as it may.
        """
        if ticket.present_until_s < self.last_draw_s:
            self.due.request(ticket.order)
            self.circuits.request(ticket.circuit)
        ticket.present_until_s = present_until_s
        if ticket.order in self._hidden:
            self._hidden.remove(ticket.order)
            self._index(ticket)
        if circuit == ticket.circuit:
            return None
        self.circuits.remove(ticket.circuit, ticket.order)
        ticket.circuit = circuit
        return self._join_circuit(ticket)

    def hide(self, absent: Iterable[tuple[int, Key]]) -> None:
        """Remove index entries of absent tickets."""
        for order, key in absent:
            self.index.remove_entry(order, key)
            self._hidden.add(order)

    def _index(self, ticket: Ticket) -> None:
        self.index.add(ticket.order, ticket.preferences, waives_language=ticket.waives_language)

    def _join_circuit(self, ticket: Ticket) -> Ticket | None:
        displaced = self.circuits.add(ticket.circuit, ticket.order)
        return None if displaced is None else self.remove(self._by_order[displaced].handle)
