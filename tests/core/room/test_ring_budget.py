"""All logs together stay within the budget, and the largest gives way first."""

from __future__ import annotations

import gc
import weakref

from hypothesis import given
from hypothesis import strategies as st

from server.core.limits import ENTRY_BYTES
from server.core.room.ring_budget import RingBudget
from server.core.room.room import Room
from tests.core.people import post, seat, texts


class FakeRing:
    """A log of items of one size each."""

    def __init__(self, items: int = 0, item_bytes: int = 10) -> None:
        self.items = items
        self._item_bytes = item_bytes

    @property
    def size_bytes(self) -> int:
        """See `Ring`."""
        return self.items * self._item_bytes

    def give_way(self) -> None:
        """See `Ring`."""
        assert self.items > 0
        self.items -= 1


def test_largest_log_gives_way_and_the_others_are_untouched() -> None:
    budget, small, large = RingBudget(100), FakeRing(3), FakeRing(7)
    budget.update(small)
    budget.update(large)
    small.items += 2
    budget.update(small)
    assert (small.items, large.items, budget.total_bytes) == (5, 5, 100)


def test_log_that_grows_most_recently_is_not_spared() -> None:
    budget, rings = RingBudget(100), [FakeRing(2) for _ in range(4)]
    for ring in rings:
        budget.update(ring)
    for _ in range(50):
        rings[0].items += 1
        budget.update(rings[0])
    assert [ring.items for ring in rings] == [4, 2, 2, 2]


def test_dropped_log_frees_its_part_of_the_budget() -> None:
    budget, ring = RingBudget(100), FakeRing(9)
    budget.update(ring)
    assert budget.percent == 90
    budget.discard(ring)
    budget.discard(ring)
    assert (budget.total_bytes, budget.percent) == (0, 0)


def test_budget_keeps_no_log_that_was_dropped() -> None:
    budget = RingBudget(100)
    ring = FakeRing(5)
    for _ in range(9):
        budget.update(ring)
    budget.discard(ring)
    gone = weakref.ref(ring)
    del ring
    gc.collect()
    assert gone() is None


@given(
    changes=st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 12), st.booleans()), max_size=80),
    max_items=st.integers(1, 30),
)
def test_budget_agrees_with_a_naive_model(
    changes: list[tuple[int, int, bool]], max_items: int
) -> None:
    budget, rings = RingBudget(10 * max_items), [FakeRing() for _ in range(6)]
    model = [0] * 6
    for at, change, is_dropped in changes:
        if is_dropped:
            budget.discard(rings[at])
            rings[at], model[at] = FakeRing(), 0
        else:
            rings[at].items = model[at] = max(0, model[at] + change)
            budget.update(rings[at])
        while sum(model) > max_items:
            model[model.index(max(model))] -= 1
        # Equal logs may give way in any order.
        assert sorted(ring.items for ring in rings) == sorted(model)
        assert budget.total_bytes == 10 * sum(model) <= 10 * max_items
        model = [ring.items for ring in rings]
        assert len(budget._heap) <= 2 * len(rings) + 65


def test_room_that_gives_way_releases_names_and_keys() -> None:
    room = Room()
    first, second = room.join_pair(seat("a"), seat("b"))
    for turn in range(6):
        post(room, first if turn % 2 else second, f"{turn}")
    budget = RingBudget(4 * (104 + ENTRY_BYTES))
    budget.update(room)
    assert room.size_bytes <= budget.total_bytes <= 4 * (104 + ENTRY_BYTES)
    assert texts(room, first) == ["3", "4", "5"]
    room.leave(first)
    room.give_way()
    room.give_way()
    room.give_way()
    assert room.name(1)
    room.give_way()
    room.give_way()
    assert room.name(1) == ""
    assert room.size_bytes == 0
