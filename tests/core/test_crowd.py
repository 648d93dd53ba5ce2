"""The published number of people is rough, changes rarely, and shows no single coming and going."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.crowd import LEVELS, Crowd
from server.core.limits import HEAD_COUNT_MAX_S, HEAD_COUNT_S


def settled(*counts: int) -> int:
    """Return what is published when there were so many people, one number after the other."""
    crowd, shown = Crowd(), 0
    for period, people in enumerate(counts):
        shown = crowd.published(people, period * (HEAD_COUNT_MAX_S + 1))
    return shown


def test_fewer_than_ten_look_the_same_as_nobody() -> None:
    assert {settled(people) for people in range(10)} == {0}


@pytest.mark.parametrize(("people", "shown"), [(12, 10), (24, 20), (60, 50), (125, 100)])
def test_more_people_are_shown_as_a_step(people: int, shown: int) -> None:
    assert settled(people) == shown


def test_published_number_stays_for_minutes() -> None:
    crowd = Crowd()
    assert crowd.published(3, 0) == 0
    assert crowd.published(500, HEAD_COUNT_S - 1) == 0
    assert crowd.published(500, HEAD_COUNT_MAX_S) > 0


def test_coming_and_going_around_a_step_changes_nothing() -> None:
    crowd, now_s = Crowd(), 0.0
    crowd.published(100, now_s)
    first = {crowd.published(130, now_s := now_s + HEAD_COUNT_MAX_S + 1) for _ in range(3)}
    for _ in range(50):
        for people in (97, 118):
            now_s += HEAD_COUNT_MAX_S + 1
            assert crowd.published(people, now_s) in first
    assert first == {100}


def test_number_that_is_needed_for_a_step_is_drawn() -> None:
    assert {settled(11) for _ in range(200)} == {0, 10}
    assert {settled(12, 8) for _ in range(200)} == {0, 10}


@given(st.lists(st.integers(0, 99_999), min_size=1, max_size=5))
def test_published_number_is_a_step_near_the_truth(counts: list[int]) -> None:
    shown, people = settled(*counts), counts[-1]
    assert shown in LEVELS
    assert shown * 0.75 <= people
    assert people < 12 or people <= shown * 2 * 1.2 or shown == LEVELS[-1]
