"""The waiting tickets of each circuit: two at most.

Sessions are free, circuits are not. Two tickets of one circuit are most likely one person: a tester
with two windows, or an attacker with many sessions. A draw matches them with each other before
anybody else (`draw.py`).
"""

from __future__ import annotations

from server.core.ids import CircuitKey
from server.core.limits import MAX_CIRCUIT_TICKETS


class CircuitTickets:
    """Orders of waiting tickets by circuit; a circuit without tickets is not stored."""

    def __init__(self) -> None:
        self._orders: dict[CircuitKey, list[int]] = {}
        self._due: dict[CircuitKey, None] = {}

    def __len__(self) -> int:
        """Count the entries of both tables."""
        return sum(map(len, self._orders.values())) + len(self._due)

    def orders(self, circuit: CircuitKey | None) -> list[int]:
        """Return the orders of a circuit, oldest first; empty without a circuit."""
        return [] if circuit is None else self._orders.get(circuit, [])

    def add(self, circuit: CircuitKey | None, order: int) -> int | None:
        """Add a ticket to its circuit.

        Returns:
            The oldest other order, if the circuit has more tickets than it may: the caller removes
            it.
        """
        if circuit is None:
            return None
        orders = self._orders.setdefault(circuit, [])
        orders.append(order)
        orders.sort()
        self.request(circuit)
        if len(orders) <= MAX_CIRCUIT_TICKETS:
            return None
        return next(other for other in orders if other != order)

    def remove(self, circuit: CircuitKey | None, order: int) -> None:
        """Remove a ticket from its circuit."""
        if circuit is None:
            return
        self._orders[circuit].remove(order)
        if not self._orders[circuit]:
            del self._orders[circuit]
        if len(self.orders(circuit)) < MAX_CIRCUIT_TICKETS:
            self._due.pop(circuit, None)

    def request(self, circuit: CircuitKey | None) -> None:
        """Let the next draw try to match the tickets of this circuit, if it has two."""
        if circuit is not None and len(self._orders[circuit]) >= MAX_CIRCUIT_TICKETS:
            self._due[circuit] = None

    def take_due(self) -> CircuitKey | None:
        """Take one circuit whose two tickets are to be tried, or `None`."""
        # From the end: the first one of a dictionary is found behind the places of all that were
        # taken before it.
        return self._due.popitem()[0] if self._due else None
