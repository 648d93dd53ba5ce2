"""Nobody is shown as nobody; beyond that, no coming and no going can be told from the list."""

from __future__ import annotations

from server.core.limits import HEAD_COUNT_S
from server.core.room.head_count import HeadCount


def test_nobody_is_shown_as_nobody_and_at_once() -> None:
    heads = HeadCount()
    assert heads.shown(0, 0) == 0
    assert heads.shown(1, 1) == 10
    assert heads.shown(0, 2) == 0


def test_few_are_shown_alike() -> None:
    assert {HeadCount().shown(people, 0) for people in range(1, 11)} == {10}


def test_no_single_coming_changes_what_is_shown() -> None:
    heads = HeadCount()
    shown = [heads.shown(people, people) for people in range(1, 31)]
    assert set(shown) == {10}


def test_what_is_shown_moves_on_after_a_while() -> None:
    heads = HeadCount()
    assert heads.shown(9, 0) == 10
    assert heads.shown(35, HEAD_COUNT_S - 1) == 10
    assert heads.shown(35, HEAD_COUNT_S) == 40
    assert heads.shown(9, HEAD_COUNT_S + 1) == 40
