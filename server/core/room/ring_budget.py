"""The memory that all logs together may take: the largest one gives way first.

One conversation has bounds of its own (see `log.py`), but there may be thousands. When all of them
take more than the budget, the log that takes most drops a message, and so on until the sum fits:
what the others need less than an equal share is not touched (max-min). So somebody who fills
conversations that they opened for it loses their own words first.

The sizes are in a heap, the largest first. A size that has changed stays in it until it is found
there, or until the heap is made anew; each call costs O(log n) for n logs, and each dropped message
as much.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Protocol


class Ring(Protocol):
    """A log whose memory is counted: a `Room` is one."""

    @property
    def size_bytes(self) -> int:
        """The memory that it takes now."""

    def give_way(self) -> None:
        """Drop something. A log that takes any memory takes less afterwards."""


class RingBudget:
    """The sizes of all logs.

    Args:
        max_bytes: the most that they may take together.
    """

    __slots__ = ("_heap", "_last_key", "_max_bytes", "_rings", "_sizes", "_total_bytes")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._sizes: dict[Ring, tuple[int, int]] = {}
        """Log -> its key, and its size when it was last counted."""

        self._rings: dict[int, Ring] = {}
        """By key."""

        self._last_key = 0
        self._total_bytes = 0
        self._heap: list[tuple[int, int]] = []
        """Negative size and key. No log itself: an outdated pair must not keep it in memory."""

    @property
    def total_bytes(self) -> int:
        """The memory that all logs take, as of the last `update` of each."""
        return self._total_bytes

    @property
    def percent(self) -> int:
        """How full it is, rounded down."""
        return 100 * self._total_bytes // self._max_bytes

    def update(self, ring: Ring) -> None:
        """Count a log that has changed, and let the largest give way while there is too much."""
        self._measure(ring)
        while self._total_bytes > self._max_bytes:
            largest = self._largest()
            largest.give_way()
            self._measure(largest)

    def discard(self, ring: Ring) -> None:
        """Stop counting a log that is dropped."""
        if ring in self._sizes:
            key, size = self._sizes.pop(ring)
            del self._rings[key]
            self._total_bytes -= size

    def _measure(self, ring: Ring) -> None:
        if ring not in self._sizes:
            self._last_key += 1
            self._sizes[ring] = self._last_key, 0
            self._rings[self._last_key] = ring
        key, before = self._sizes[ring]
        size = ring.size_bytes
        if size == before:
            return
        self._sizes[ring] = key, size
        self._total_bytes += size - before
        heappush(self._heap, (-size, key))
        if len(self._heap) > 2 * len(self._sizes) + 64:
            self._heap = [(-size, key) for key, size in self._sizes.values()]
            heapify(self._heap)

    def _largest(self) -> Ring:
        while True:
            size, key = heappop(self._heap)
            ring = self._rings.get(key)
            if ring is not None and self._sizes[ring][1] == -size:
                return ring
