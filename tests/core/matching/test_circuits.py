"""A circuit has two waiting tickets at most, and is forgotten with the last of them."""

from __future__ import annotations

from server.core.ids import CircuitKey
from server.core.matching.circuits import CircuitTickets

ONE, OTHER = CircuitKey(b"one"), CircuitKey(b"other")


def test_third_ticket_names_the_oldest_other() -> None:
    circuits = CircuitTickets()
    assert [circuits.add(ONE, order) for order in (5, 7)] == [None, None]
    assert circuits.add(OTHER, 6) is None
    assert circuits.add(ONE, 3) == 5
    assert circuits.orders(ONE) == [3, 5, 7]


def test_two_tickets_are_due_until_they_are_taken() -> None:
    circuits = CircuitTickets()
    circuits.add(ONE, 1)
    assert circuits.take_due() is None
    circuits.add(ONE, 2)
    assert circuits.take_due() == ONE
    assert circuits.take_due() is None
    circuits.request(ONE)
    assert circuits.take_due() == ONE


def test_circuit_with_one_ticket_left_is_not_due() -> None:
    circuits = CircuitTickets()
    for order in (1, 2):
        circuits.add(ONE, order)
    circuits.remove(ONE, 1)
    assert circuits.take_due() is None


def test_removed_tickets_leave_no_entry() -> None:
    circuits = CircuitTickets()
    for order in (1, 2):
        circuits.add(ONE, order)
        circuits.add(None, order)
    for order in (1, 2):
        circuits.remove(ONE, order)
        circuits.remove(None, order)
    assert len(circuits) == 0
    assert circuits.orders(ONE) == circuits.orders(None) == []
