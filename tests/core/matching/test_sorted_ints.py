"""A line keeps its order whatever comes and goes, and nothing of what went."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.core.matching.sorted_ints import BLOCK, SortedInts

NUMBERS = st.integers(1, 60)


def make_orders(numbers: list[int] | range) -> SortedInts:
    orders = SortedInts()
    for number in numbers:
        orders.add(number)
    return orders


def test_empty_line_has_no_first_and_is_walked_without_end_or_error() -> None:
    orders = SortedInts()
    orders.discard(1)
    assert orders.first() is None
    assert not orders
    assert list(orders.walk(0)) == []


@given(st.lists(st.tuples(st.booleans(), NUMBERS)), NUMBERS)
def test_line_agrees_with_a_sorted_set(steps: list[tuple[bool, int]], start: int) -> None:
    orders, model = SortedInts(), set[int]()
    for comes, number in steps:
        (orders.add if comes else orders.discard)(number)
        (model.add if comes else model.discard)(number)
    assert list(orders.walk(start)) == sorted(n for n in model if n >= start)
    assert (orders.first(), len(orders)) == (min(model, default=None), len(model))


def test_long_line_is_kept_in_short_blocks() -> None:
    evens = range(0, 16 * BLOCK, 2)
    orders = make_orders(evens)
    for odd in reversed(range(1, 16 * BLOCK, 2)):
        orders.add(odd)
    assert list(orders.walk(0)) == list(range(16 * BLOCK))
    assert list(orders.walk(7 * BLOCK + 3)) == list(range(7 * BLOCK + 3, 16 * BLOCK))
    assert max(map(len, orders._blocks)) <= 2 * BLOCK


def test_emptied_line_leaves_no_block_behind() -> None:
    numbers = range(5 * BLOCK)
    orders = make_orders(numbers)
    for number in numbers:
        orders.discard(number)
    assert orders._blocks == []
