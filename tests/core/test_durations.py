"""A duration is said as a person would say it: roughly, and longer for a longer time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.durations import RoughUnit, rough

MINUTE, HOUR = RoughUnit.MINUTE, RoughUnit.HOUR


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, (0, MINUTE)),
        (2, (0, MINUTE)),
        (59, (0, MINUTE)),
        (60, (1, MINUTE)),
        (89, (1, MINUTE)),
        (90, (2, MINUTE)),
        (120, (2, MINUTE)),
        (7 * 60, (5, MINUTE)),
        (8 * 60, (10, MINUTE)),
        (12 * 60, (10, MINUTE)),
        (37 * 60, (30, MINUTE)),
        (52 * 60, (45, MINUTE)),
        (53 * 60, (1, HOUR)),
        (89 * 60, (1, HOUR)),
        (718 * 60, (12, HOUR)),
    ],
)
def test_duration_is_rounded_as_people_do(seconds: float, said: tuple[int, RoughUnit]) -> None:
    assert rough(seconds) == said


@given(st.floats(0, 10**6), st.floats(0, 10**6))
def test_longer_duration_is_never_said_to_be_shorter(one: float, other: float) -> None:
    units = [MINUTE, HOUR]
    short, long = (rough(seconds) for seconds in sorted((one, other)))
    assert (units.index(short[1]), short[0]) <= (units.index(long[1]), long[0])


def test_difference_of_two_clock_readings_is_said_as_the_time_itself() -> None:
    assert rough(720 * 60 - 0.0005) == rough(720 * 60)
    assert rough(60 - 0.0005) == (1, MINUTE)
