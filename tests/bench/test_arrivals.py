"""An arrival takes hardly more steps in a long queue than in a short one."""

from __future__ import annotations

import pytest

from bench.arrivals import BASE, SCENARIOS, Queue, Scenario, logarithm, mean_steps
from bench.steps import steps_of

WAITING = 4_000
ROUNDS = 20


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_steps_of_an_arrival_grow_no_faster_than_a_logarithm(scenario: Scenario) -> None:
    few, many = (mean_steps(Queue(scenario, waiting), ROUNDS) for waiting in (BASE, WAITING))
    assert many <= few * logarithm(WAITING)


def test_steps_are_the_same_each_time() -> None:
    once, again = (mean_steps(Queue(SCENARIOS[0], 50), 5) for _ in range(2))
    assert once == again > 100


def test_steps_of_what_is_called_count_too() -> None:
    def call() -> int:
        return sum(number * number for number in range(100))

    assert steps_of(call) > 500
    assert steps_of(lambda: None) < 10
