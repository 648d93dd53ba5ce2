"""The set stays sorted under any additions and removals, and keeps nothing of what was removed."""

from __future__ import annotations

import math
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.steps import steps_of
from server.core.matching import sorted_ints
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


@given(st.lists(st.tuples(st.sampled_from(("add", "discard", "read")), NUMBERS)))
def test_positions_stay_right_while_small_blocks_are_divided_and_joined(
    steps: list[tuple[str, int]],
) -> None:
    with patch.object(sorted_ints, "BLOCK", 4):
        numbers_set, model = SortedInts(), set[int]()
        for step, number in [*steps, ("read", 30)]:
            if step == "read":
                assert [numbers_set.at(index) for index in range(len(model))] == sorted(model)
                leading = numbers_set.count_leading(number.__gt__)
                assert leading == sum(other < number for other in model)
            else:
                getattr(numbers_set, step)(number)
                getattr(model, step)(number)


def test_few_numbers_that_are_left_have_few_blocks() -> None:
    numbers_set = make_set(range(64 * BLOCK))
    for number in range(64 * BLOCK):
        if number % 64:
            numbers_set.discard(number)
    assert len(numbers_set) == BLOCK
    assert len(numbers_set._blocks) <= 5


@pytest.mark.parametrize("work", ["at", "count_leading", "add", "discard"])
def test_steps_grow_no_faster_than_a_logarithm(work: str) -> None:
    few, many = (_steps_in_a_set_of(numbers, work) for numbers in (1_000, 100_000))
    assert many <= few * math.log(100_000) / math.log(1_000)


def _steps_in_a_set_of(numbers: int, work: str) -> int:
    """Count the steps of some work near the end of a set, after a change at its front."""
    numbers_set = make_set(range(0, 2 * numbers, 2))
    numbers_set.discard(0)
    last = 2 * numbers - 2
    arguments = {
        "at": numbers - 2, "count_leading": lambda number: number < last - 8,
        "add": last - 9, "discard": last - 8,
    }  # fmt: skip
    return steps_of(lambda: getattr(numbers_set, work)(arguments[work]))
