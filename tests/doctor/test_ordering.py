"""The finding says how long this Python orders combining marks, and that they are cut first."""

from __future__ import annotations

import unicodedata

import pytest

from server.doctor.findings import State
from server.doctor.ordering import OrderingTimes, check_ordering, time_ordering, worst_run

QUADRATIC = OrderingTimes(short_s=0.003, long_s=0.19, cleaned_s=0.0002)
LINEAR = OrderingTimes(short_s=0.0002, long_s=0.0016, cleaned_s=0.0002)


@pytest.mark.checklist(46)
def test_quadratic_python_holds_because_runs_are_cut_first() -> None:
    finding = check_ordering(QUADRATIC)
    assert finding.state is State.HOLDS
    assert "190.0 ms" in finding.sentence
    assert "in quadratic time; the web process cuts long runs first and needs 0.2 ms" in (
        finding.sentence
    )


def test_linear_python_holds() -> None:
    finding = check_ordering(LINEAR)
    assert finding.state is State.HOLDS
    assert "1.6 ms" in finding.sentence
    assert "quadratic" not in finding.sentence


@pytest.mark.checklist(46)
def test_cleaning_that_takes_as_long_as_ordering_fails() -> None:
    finding = check_ordering(OrderingTimes(short_s=0.003, long_s=0.19, cleaned_s=0.19))
    assert finding.state is State.FAILS
    assert finding.hint


@pytest.mark.checklist(46)
def test_this_machine_holds() -> None:
    assert check_ordering(time_ordering()).state is State.HOLDS


@pytest.mark.parametrize("length", [1, 30, 1_000])
def test_classes_of_the_worst_run_never_rise(length: int) -> None:
    classes = [unicodedata.combining(char) for char in worst_run(length)]
    assert len(classes) == length
    assert all(classes)
    assert classes == sorted(classes, reverse=True)
    assert len(worst_run(length).encode()) == 2 * length
