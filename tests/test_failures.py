"""A rule that is tried on many cases fails once, and names every case that broke it."""

from __future__ import annotations

import pytest

from .failures import Failures


def try_odd(numbers: range, tried: list[int]) -> None:
    with Failures() as failures:
        for number in numbers:
            with failures.of(f"case {number}"):
                tried.append(number)
                assert number % 2, "it is even"


def test_every_case_that_failed_is_listed_with_its_line() -> None:
    with pytest.raises(AssertionError) as raised:
        try_odd(range(4), [])
    text = str(raised.value)
    assert text.startswith("2 of 4 failed")
    assert [line for line in text.splitlines() if line.startswith("case")] == ["case 0", "case 2"]
    assert text.count("test_failures.py:") == 2
    assert text.count('assert number % 2, "it is even"') == 2


def test_failure_does_not_end_the_loop() -> None:
    tried: list[int] = []
    with pytest.raises(AssertionError):
        try_odd(range(4), tried)
    assert tried == [0, 1, 2, 3]


def test_error_of_any_kind_is_a_failure_of_its_case() -> None:
    failures = Failures()
    with failures.of("a case"):
        raise KeyError("missing")
    with pytest.raises(AssertionError, match="KeyError: 'missing'"):
        failures.__exit__(None, None, None)


def test_error_outside_of_a_case_is_raised_as_it_is() -> None:
    failures = Failures()
    with failures.of("a case"):
        raise ValueError
    assert failures.__exit__(KeyError, KeyError(), None) is None


def test_cases_that_all_hold_raise_nothing() -> None:
    tried: list[int] = []
    try_odd(range(1, 4, 2), tried)
    assert tried == [1, 3]


def test_rule_that_was_tried_on_nothing_fails() -> None:
    with pytest.raises(AssertionError, match="no cases"):
        try_odd(range(0), [])
