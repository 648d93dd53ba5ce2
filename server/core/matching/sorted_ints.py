"""Numbers in ascending order, each once: what a line of waiting tickets is made of.

Why not a heap: one of these can be walked from any place without being taken apart, and what
leaves is gone at once, wherever it stood. A heap can only forget later, at its top.

The numbers stand in blocks of at most `2 * BLOCK`, so that one more or one less moves a few
kilobytes however long the line is; finding the block and the place in it are two bisections.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from operator import itemgetter

BLOCK = 512
"""Half of what a block holds. A hundred thousand numbers make some two hundred blocks."""

_first = itemgetter(0)


class SortedInts:
    """A sorted set of whole numbers."""

    __slots__ = ("_blocks",)

    def __init__(self) -> None:
        # Each ascending, none empty, and each ends below the first number of the next.
        self._blocks: list[list[int]] = []

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def first(self) -> int | None:
        """The smallest number, or `None` when there is none."""
        return self._blocks[0][0] if self._blocks else None

    def add(self, order: int) -> None:
        """Put a number in its place; one that is here already stays."""
        if not self._blocks:
            self._blocks.append([order])
            return
        if order > self._blocks[-1][-1]:
            # Nearly always so: who comes last stands last.
            at, place = len(self._blocks) - 1, len(self._blocks[-1])
        else:
            at, place = self._find(order)
        block = self._blocks[at]
        if place < len(block) and block[place] == order:
            return
        block.insert(place, order)
        if len(block) > 2 * BLOCK:
            self._blocks.insert(at + 1, block[BLOCK:])
            del block[BLOCK:]

    def discard(self, order: int) -> None:
        """Take a number out, if it is here."""
        if not self._blocks:
            return
        at, place = self._find(order)
        block = self._blocks[at]
        if place < len(block) and block[place] == order:
            del block[place]
            if not block:
                del self._blocks[at]

    def walk(self, start: int) -> Iterator[int]:
        """Yield every number from `start` on. Nothing may be added or discarded meanwhile."""
        if not self._blocks:
            return
        at, place = self._find(start)
        while at < len(self._blocks):
            block = self._blocks[at]
            for here in range(place, len(block)):
                yield block[here]
            at, place = at + 1, 0

    def _find(self, order: int) -> tuple[int, int]:
        """The block where a number stands or would stand, and its place there."""
        at = max(bisect_right(self._blocks, order, key=_first) - 1, 0)
        return at, bisect_left(self._blocks[at], order)
