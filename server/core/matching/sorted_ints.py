"""A sorted set of integers in blocks: the entries of one key of the ticket index.

Why not a heap: a sorted set can be iterated from any number without being taken apart, and a
removed number is gone at once, wherever it was. A heap can only remove lazily, at its top.

The numbers are stored in blocks of at most `2 * BLOCK`, so that an insertion or a removal moves
a few kilobytes however large the set is. Two bisections find the block and the index in it.

A position is found by a bisection, too: in the sums of the blocks' lengths, which are made when a
position is wanted. A change keeps those of the blocks before it, so that the newest ticket costs
one sum. A block that shrinks is joined to a neighbour before the two are few, so there are no more
sums than one for a quarter of `BLOCK` numbers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate, islice
from operator import itemgetter

BLOCK = 512
"""Half the capacity of a block. A hundred thousand numbers need about two hundred blocks."""

_first = itemgetter(0)


class SortedInts:
    """A sorted set of integers."""

    __slots__ = ("_blocks", "_ends", "_length")

    def __init__(self) -> None:
        # Each block is ascending and not empty, and ends below the first number of the next.
        self._blocks: list[list[int]] = []
        self._length = 0
        self._ends: list[int] = []
        """How many numbers stand before the end of each block; the last ones may be missing."""

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
        del self._ends[block_index:]
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
            del self._ends[block_index:]
            if not block:
                del self._blocks[block_index]
            elif len(block) < BLOCK // 2:
                self._join(block_index)
                self._join(block_index - 1)

    def at(self, index: int) -> int:
        """Return the number at a position, counted from 0 in ascending order."""
        block_index = bisect_right(self._sums(), index)
        return self._blocks[block_index][index - self._before(block_index)]

    def count_leading(self, has: Callable[[int], bool]) -> int:
        """Count the numbers at the front that have a property.

        Args:
            has: the property; a number that lacks it is followed only by such numbers.
        """
        last = bisect_left(self._blocks, True, key=lambda block: not has(block[0])) - 1
        if last < 0:
            return 0
        within = bisect_left(self._blocks[last], True, key=lambda number: not has(number))
        return self._before(last) + within

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

    def _join(self, block_index: int) -> None:
        """Join a block and the next one, if both fit into half of one."""
        pair = self._blocks[max(block_index, 0) : block_index + 2]
        if len(pair) == 2 and len(pair[0]) + len(pair[1]) <= BLOCK:
            pair[0].extend(pair[1])
            del self._blocks[block_index + 1]
            del self._ends[block_index:]

    def _before(self, block_index: int) -> int:
        """Count the numbers before a block."""
        return self._sums()[block_index - 1] if block_index else 0

    def _sums(self) -> list[int]:
        """Return how many numbers stand before the end of each block."""
        ends, known = self._ends, len(self._ends)
        if known < len(self._blocks):
            lengths = map(len, islice(self._blocks, known, None))
            before = ends.pop() if ends else 0
            ends.extend(accumulate(lengths, initial=before) if known else accumulate(lengths))
        return ends
