"""An empty room is shown as empty; apart from that, no single join or departure is visible."""

from __future__ import annotations

import pytest

from server.core.limits import HEAD_COUNT_MAX_S, HEAD_COUNT_S
from server.core.room.head_count import HeadCount


def test_empty_room_is_shown_at_once() -> None:
    heads = HeadCount()
    assert heads.published(0, 0) == 0
    assert heads.published(1, 1) == 10
    assert heads.published(0, 2) == 0


def test_small_counts_look_the_same() -> None:
    assert {HeadCount().published(people, 0) for people in range(1, 11)} == {10}


def test_single_join_does_not_change_the_shown_count() -> None:
    heads = HeadCount()
    shown = [heads.published(people, people) for people in range(1, 31)]
    assert set(shown) == {10}


def test_shown_count_is_updated_after_the_interval() -> None:
    heads = HeadCount()
    assert heads.published(9, 0) == 10
    assert heads.published(35, HEAD_COUNT_S - 1) == 10
    assert heads.published(35, HEAD_COUNT_MAX_S) == 40
    assert heads.published(9, HEAD_COUNT_MAX_S + 1) == 40


@pytest.mark.checklist(50)
def test_change_of_the_shown_count_shows_no_clock() -> None:
    changes = set()
    for _ in range(20):
        heads, now_s = HeadCount(), 0
        heads.published(9, now_s)
        while heads.published(35, now_s) == 10:
            now_s += 1
        changes.add(now_s)
    assert len(changes) > 8
    assert all(HEAD_COUNT_S <= change_s <= HEAD_COUNT_MAX_S + 1 for change_s in changes)
