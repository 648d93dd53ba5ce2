"""Tickets that are due are popped, oldest first, and no others."""

from __future__ import annotations

from server.core.matching.compatibility import RELAXATION_TIMES_S
from server.core.matching.rescan import RescanQueue

FIRST_S, LAST_S = RELAXATION_TIMES_S[0], RELAXATION_TIMES_S[-1]


def make_queue(*orders: int) -> RescanQueue:
    queue = RescanQueue()
    for order in orders:
        queue.schedule(order)
    return queue


def pop_all(queue: RescanQueue, waited_s: float) -> list[tuple[int, int]]:
    """Pop all tickets that are due if all have waited equally long."""
    popped = []
    while (due := queue.pop(lambda _: waited_s)) is not None:
        popped.append(due)
    return popped


def test_each_ticket_is_due_once_per_relaxation_time() -> None:
    queue = make_queue(2, 1, 3)
    assert pop_all(queue, FIRST_S - 0.1) == []
    assert pop_all(queue, FIRST_S) == [(1, 0), (2, 0), (3, 0)]
    assert pop_all(queue, LAST_S - 0.1) == []
    assert pop_all(queue, LAST_S) == [(1, 0), (2, 0), (3, 0)]
    assert len(queue) == 0


def test_ticket_due_for_two_reasons_is_popped_once() -> None:
    queue = make_queue(1)
    queue.request(1)
    assert pop_all(queue, LAST_S) == [(1, 0)]


def test_only_a_ticket_that_waited_long_enough_is_due() -> None:
    queue = make_queue(1, 2)
    assert queue.pop(lambda order: FIRST_S if order == 1 else 0) == (1, 0)
    assert queue.pop(lambda order: FIRST_S if order == 1 else 0) is None


def test_oldest_due_ticket_is_first_for_any_reason() -> None:
    queue = make_queue(2)
    for order in (3, 1):
        queue.request(order)
    assert pop_all(queue, FIRST_S) == [(1, 0), (2, 0), (3, 0)]


def test_unfinished_search_continues_where_it_stopped() -> None:
    queue = RescanQueue()
    queue.request(1, 7)
    assert pop_all(queue, 0) == [(1, 7)]


def test_new_request_restarts_the_search_from_the_beginning() -> None:
    queue = make_queue(1, 2)
    for order in (1, 2):
        queue.request(order, 7)
    queue.request(1)
    queue.request(1, 9)
    assert queue.pop(lambda _: 0) == (1, 0)
    assert queue.pop(lambda _: FIRST_S) == (1, 0)
    assert queue.pop(lambda _: FIRST_S) == (2, 0)


def test_removed_ticket_leaves_no_entry() -> None:
    queue = make_queue(1)
    queue.request(1, 7)
    queue.remove(1)
    assert len(queue) == 0
    queue.request(1, 9)
    assert pop_all(queue, LAST_S) == [(1, 9)]
