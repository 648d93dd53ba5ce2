"""Tickets that are due are known, which of them are fresh, and nothing is kept of removed ones."""

from __future__ import annotations

import sys

from server.core.matching.compatibility import RELAXATION_TIMES_S
from server.core.matching.due import DueTickets

FIRST_S, LAST_S = RELAXATION_TIMES_S[0], RELAXATION_TIMES_S[-1]


def make_due(*orders: int) -> DueTickets:
    due = DueTickets()
    for order in orders:
        due.schedule(order)
    return due


def relax_all(due: DueTickets, waited_s: float) -> list[int]:
    """Relax all tickets that are ready if all have waited equally long; return who is due."""
    while due.relax_next(lambda _: waited_s):
        pass
    return due.orders()


def test_each_ticket_becomes_due_once_per_relaxation_time() -> None:
    due = make_due(2, 1, 3)
    assert relax_all(due, FIRST_S - 0.1) == []
    assert relax_all(due, FIRST_S) == [1, 2, 3]
    for order in (1, 2, 3):
        due.finish(order)
    assert relax_all(due, LAST_S - 0.1) == []
    assert relax_all(due, LAST_S) == [1, 2, 3]


def test_only_a_ticket_that_waited_long_enough_becomes_due() -> None:
    due = make_due(1, 2)
    assert due.relax_next(lambda order: FIRST_S if order == 1 else 0)
    assert not due.relax_next(lambda order: FIRST_S if order == 1 else 0)
    assert due.orders() == [1]


def test_requested_ticket_is_fresh_until_that_is_settled() -> None:
    due = DueTickets()
    due.request(1)
    assert due.is_fresh(1)
    due.settle(1)
    assert not due.is_fresh(1)
    assert 1 in due
    due.request(1)
    assert not due.is_fresh(1), "it was due already: it must not be left out again"
    due.finish(1)
    due.request(1)
    assert due.is_fresh(1)


def test_kept_search_goes_on_where_it_stopped() -> None:
    due = DueTickets()
    due.request(1)
    due.keep(1, 7)
    assert (due.start_of(1), due.is_fresh(1)) == (7, False)
    due.request(1)
    assert due.start_of(1) == 0


def test_removed_ticket_leaves_no_entry() -> None:
    due = make_due(1)
    due.request(1)
    assert len(due) == 2 + len(RELAXATION_TIMES_S)
    due.remove(1)
    due.remove(1)
    assert len(due) == 0


def test_draw_after_many_tickets_does_not_pass_their_places() -> None:
    due = DueTickets()
    for order in range(10_000):
        due.request(order)
    for order in due.orders():
        due.finish(order)
    assert due.orders() == []
    assert sys.getsizeof(due._starts) <= sys.getsizeof({}) + 1_000
