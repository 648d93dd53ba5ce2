"""A sorted set of integers in blocks: the entries of one key of the ticket index.

Why not a heap: a sorted set can be iterated from any number without being taken apart, and a
removed number is gone at once, wherever it was. A heap can only remove lazily, at its top.

The numbers are stored in blocks of at most `2 * BLOCK`, so that an insertion or a removal moves
a few kilobytes however large the set is. Two bisections find the block and the index in it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from operator import itemgetter

BLOCK = 512
"""Half the capacity of a block. A hundred thousand numbers need about two hundred blocks."""

_first = itemgetter(0)


class SortedInts:
    """A sorted set of integers."""

    __slots__ = ("_blocks", "_length")

    def __init__(self) -> None:
        # Each block is ascending and not empty, and ends below the first number of the next.
        self._blocks: list[list[int]] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def first(self) -> int | None:
        """Return the smallest number, or `None` if the set is empty."""
        return self._blocks[0][0] if self._blocks else None

    def add(self, number: int) -> None:
        """Add a number. Idempotent."""
        if not self._blocks:
            self._blocks.append([number])
            self._length = 1
            return
        if number > self._blocks[-1][-1]:
            # The common case: the newest ticket has the highest order.
            block_index, index = len(self._blocks) - 1, len(self._blocks[-1])
        else:
            block_index, index = self._find(number)
        block = self._blocks[block_index]
        if index < len(block) and block[index] == number:
            return
        block.insert(index, number)
        self._length += 1
        if len(block) > 2 * BLOCK:
            self._blocks.insert(block_index + 1, block[BLOCK:])
            del block[BLOCK:]

    def discard(self, number: int) -> None:
        """Remove a number if it is in the set."""
        if not self._blocks:
            return
        block_index, index = self._find(number)
        block = self._blocks[block_index]
        if index < len(block) and block[index] == number:
            del block[index]
            self._length -= 1
            if not block:
                del self._blocks[block_index]

    def at(self, index: int) -> int:
        """Return the number at a position, counted from 0 in ascending order."""
        for block in self._blocks:
            if index < len(block):
                return block[index]
            index -= len(block)
        raise IndexError

    def count_leading(self, has: Callable[[int], bool]) -> int:
        """Count the numbers at the front that have a property.

        Args:
            has: the property; a number that lacks it is followed only by such numbers.
        """
        last = bisect_left(self._blocks, True, key=lambda block: not has(block[0])) - 1
        if last < 0:
            return 0
        within = bisect_left(self._blocks[last], True, key=lambda number: not has(number))
        return sum(map(len, self._blocks[:last])) + within

    def iter_from(self, start: int) -> Iterator[int]:
        """Yield every number from `start` on. The set must not be changed meanwhile."""
        if not self._blocks:
            return
        block_index, index = self._find(start)
        while block_index < len(self._blocks):
            block = self._blocks[block_index]
            for i in range(index, len(block)):
                yield block[i]
            block_index, index = block_index + 1, 0

    def _find(self, number: int) -> tuple[int, int]:
        """Return the block where a number belongs, and its index in that block."""
        block_index = max(bisect_right(self._blocks, number, key=_first) - 1, 0)
        return block_index, bisect_left(self._blocks[block_index], number)
