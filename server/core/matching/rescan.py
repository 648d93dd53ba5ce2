"""Who of the waiting is to look again, and when.

A ticket looks again once when it has waited for each of `WIDENS_S`, because more people fit it
then than a moment before; and when it asks to (`again`). Orders are drawn in the order of
arrival, so whoever is due first stands first: nothing is ever scanned.
"""

from __future__ import annotations

from collections.abc import Callable

from .compatibility import WIDENS_S
from .sorted_ints import SortedInts


class RescanQueue:
    """The waiting, by what they wait for. It knows orders only, never a handle."""

    def __init__(self) -> None:
        self._widening = [(wait_s, SortedInts()) for wait_s in WIDENS_S]
        self._again = SortedInts()
        self._starts: dict[int, int] = {}

    def __len__(self) -> int:
        """How many places are taken."""
        return len(self._again) + sum(len(orders) for _, orders in self._widening)

    def expect(self, order: int) -> None:
        """Let a ticket look again whenever it has waited long enough for a looser rule."""
        for _, orders in self._widening:
            orders.add(order)

    def again(self, order: int, start: int = 0) -> None:
        """Let a ticket look again as soon as may be, from `start` on or from what it had left."""
        self._again.add(order)
        self._starts[order] = min(start, self._starts.get(order, start))

    def forget(self, order: int) -> None:
        """Let a ticket look no more."""
        self._again.discard(order)
        self._starts.pop(order, None)
        for _, orders in self._widening:
            orders.discard(order)

    def pop(self, waited_s: Callable[[int], float]) -> tuple[int, int] | None:
        """Take out the oldest that is due, and tell from where it looks; `None`: nobody is due."""
        order = min(self._due(waited_s), default=None)
        if order is None:
            return None
        start = self._starts.pop(order, 0)
        self._again.discard(order)
        for wait_s, orders in self._widening:
            if orders.first() == order and waited_s(order) >= wait_s:
                orders.discard(order)
                start = 0
        return order, start

    def _due(self, waited_s: Callable[[int], float]) -> list[int]:
        heads = [
            order
            for wait_s, orders in self._widening
            if (order := orders.first()) is not None and waited_s(order) >= wait_s
        ]
        again = self._again.first()
        return heads if again is None else [*heads, again]
