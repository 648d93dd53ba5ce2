"""The set stays sorted under any additions and removals, and keeps nothing of what was removed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.matching.sorted_ints import BLOCK, SortedInts

NUMBERS = st.integers(1, 60)


def make_set(numbers: list[int] | range) -> SortedInts:
    numbers_set = SortedInts()
    for number in numbers:
        numbers_set.add(number)
    return numbers_set


def test_empty_set_has_no_first_and_iterates_nothing() -> None:
    numbers_set = SortedInts()
    numbers_set.discard(1)
    assert numbers_set.first() is None
    assert not numbers_set
    assert list(numbers_set.iter_from(0)) == []


@given(st.lists(st.tuples(st.booleans(), NUMBERS)), NUMBERS)
def test_agrees_with_a_sorted_builtin_set(steps: list[tuple[bool, int]], start: int) -> None:
    numbers_set, model = SortedInts(), set[int]()
    for is_added, number in steps:
        (numbers_set.add if is_added else numbers_set.discard)(number)
        (model.add if is_added else model.discard)(number)
    assert list(numbers_set.iter_from(start)) == sorted(n for n in model if n >= start)
    assert (numbers_set.first(), len(numbers_set)) == (min(model, default=None), len(model))


def test_large_set_is_stored_in_bounded_blocks() -> None:
    evens = range(0, 16 * BLOCK, 2)
    numbers_set = make_set(evens)
    for odd in reversed(range(1, 16 * BLOCK, 2)):
        numbers_set.add(odd)
    assert list(numbers_set.iter_from(0)) == list(range(16 * BLOCK))
    assert list(numbers_set.iter_from(7 * BLOCK + 3)) == list(range(7 * BLOCK + 3, 16 * BLOCK))
    assert max(map(len, numbers_set._blocks)) <= 2 * BLOCK


def test_emptied_set_keeps_no_block() -> None:
    numbers = range(5 * BLOCK)
    numbers_set = make_set(numbers)
    for number in numbers:
        numbers_set.discard(number)
    assert numbers_set._blocks == []


@given(st.sets(NUMBERS), NUMBERS)
def test_positions_and_leading_numbers_agree_with_a_list(numbers: set[int], bound: int) -> None:
    numbers_set, model = make_set(list(numbers)), sorted(numbers)
    assert [numbers_set.at(index) for index in range(len(model))] == model
    leading = sum(number < bound for number in model)
    assert numbers_set.count_leading(lambda number: number < bound) == leading


def test_positions_in_a_large_set_cross_the_blocks() -> None:
    numbers_set = make_set(range(0, 16 * BLOCK, 2))
    assert [numbers_set.at(index) for index in (0, BLOCK, 8 * BLOCK - 1)] == [
        0, 2 * BLOCK, 16 * BLOCK - 2
    ]  # fmt: skip
    assert numbers_set.count_leading(lambda number: number < 6 * BLOCK + 1) == 3 * BLOCK + 1
    with pytest.raises(IndexError):
        numbers_set.at(8 * BLOCK)
