"""The queue of waiting tickets that are due to search the index again.

A ticket searches again once after each waiting time in `RELAXATION_TIMES_S`, because more
tickets fit it from then on, and whenever `request` was called for it. Orders are assigned by
time of arrival, so the ticket that is due first is always at the front: nothing is scanned.
"""

from __future__ import annotations

from collections.abc import Callable

from .compatibility import RELAXATION_TIMES_S
from .sorted_ints import SortedInts


class RescanQueue:
    """Waiting tickets by the reason for their next search. Holds orders only, never a handle."""

    def __init__(self) -> None:
        self._scheduled = [(wait_s, SortedInts()) for wait_s in RELAXATION_TIMES_S]
        self._requested = SortedInts()
        self._starts: dict[int, int] = {}

    def __len__(self) -> int:
        """Count the entries of all queues."""
        return len(self._requested) + sum(len(orders) for _, orders in self._scheduled)

    def schedule(self, order: int) -> None:
        """Let a ticket search again at each waiting time that relaxes a rule."""
        for _, orders in self._scheduled:
            orders.add(order)

    def request(self, order: int, start: int = 0) -> None:
        """Let a ticket search again soon, from `start` or from an earlier pending start."""
        self._requested.add(order)
        self._starts[order] = min(start, self._starts.get(order, start))

    def remove(self, order: int) -> None:
        """Remove a ticket from all queues. Idempotent."""
        self._requested.discard(order)
        self._starts.pop(order, None)
        for _, orders in self._scheduled:
            orders.discard(order)

    def pop(self, waited_s: Callable[[int], float]) -> tuple[int, int] | None:
        """Take the oldest order that is due, with the order its search starts from, or `None`."""
        order = min(self._due(waited_s), default=None)
        if order is None:
            return None
        start = self._starts.pop(order, 0)
        self._requested.discard(order)
        for wait_s, orders in self._scheduled:
            if orders.first() == order and waited_s(order) >= wait_s:
                orders.discard(order)
                start = 0
        return order, start

    def _due(self, waited_s: Callable[[int], float]) -> list[int]:
        heads = [
            order
            for wait_s, orders in self._scheduled
            if (order := orders.first()) is not None and waited_s(order) >= wait_s
        ]
        requested = self._requested.first()
        return heads if requested is None else [*heads, requested]
