"""Who is due looks again, the oldest first, and nobody else is touched."""

from __future__ import annotations

from server.core.matching.compatibility import WIDENS_S
from server.core.matching.rescan import RescanQueue

FIRST_S, LAST_S = WIDENS_S[0], WIDENS_S[-1]


def make_retries(*orders: int) -> RescanQueue:
    retries = RescanQueue()
    for order in orders:
        retries.expect(order)
    return retries


def pop_all(retries: RescanQueue, waited_s: float) -> list[tuple[int, int]]:
    """Everybody who is due when all have waited equally long."""
    popped = []
    while (due := retries.pop(lambda _: waited_s)) is not None:
        popped.append(due)
    return popped


def test_each_is_due_once_whenever_time_loosens_a_rule() -> None:
    retries = make_retries(2, 1, 3)
    assert pop_all(retries, FIRST_S - 0.1) == []
    assert pop_all(retries, FIRST_S) == [(1, 0), (2, 0), (3, 0)]
    assert pop_all(retries, LAST_S - 0.1) == []
    assert pop_all(retries, LAST_S) == [(1, 0), (2, 0), (3, 0)]
    assert len(retries) == 0


def test_who_is_due_for_two_reasons_looks_once() -> None:
    retries = make_retries(1)
    retries.again(1)
    assert pop_all(retries, LAST_S) == [(1, 0)]


def test_who_has_waited_long_enough_is_due_and_who_stands_behind_is_not() -> None:
    retries = make_retries(1, 2)
    assert retries.pop(lambda order: FIRST_S if order == 1 else 0) == (1, 0)
    assert retries.pop(lambda order: FIRST_S if order == 1 else 0) is None


def test_oldest_is_first_whatever_made_it_due() -> None:
    retries = make_retries(2)
    for order in (3, 1):
        retries.again(order)
    assert pop_all(retries, FIRST_S) == [(1, 0), (2, 0), (3, 0)]


def test_look_goes_on_where_it_stopped() -> None:
    retries = RescanQueue()
    retries.again(1, 7)
    assert pop_all(retries, 0) == [(1, 7)]


def test_look_begins_anew_when_there_is_news_from_those_seen_before() -> None:
    retries = make_retries(1, 2)
    for order in (1, 2):
        retries.again(order, 7)
    retries.again(1)
    retries.again(1, 9)
    assert retries.pop(lambda _: 0) == (1, 0)
    assert retries.pop(lambda _: FIRST_S) == (1, 0)
    assert retries.pop(lambda _: FIRST_S) == (2, 0)


def test_forgotten_ticket_leaves_nothing_behind() -> None:
    retries = make_retries(1)
    retries.again(1, 7)
    retries.forget(1)
    assert len(retries) == 0
    retries.again(1, 9)
    assert pop_all(retries, LAST_S) == [(1, 9)]
