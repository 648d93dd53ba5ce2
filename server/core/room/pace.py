"""The pace of a room: how much its members may write in all, and how they share it.

Theory of operation
===================

Every message costs each reader cells (see `cells.py`). A room has a rate of cells that a reader on
a slow line can follow. While less is written than that, nobody notices the pace. When more is
written, the rate is shared fairly (max-min) among those who speak: whoever needs less than an equal
share is not slowed, and the others share the rest equally.

    speaker   all sessions of one circuit, where circuits are known; else one session
    share     a bucket of `SHARE_CELLS`; all buckets that are not full refill at the same speed,
              `ROOM_CELLS_PER_S` together; a full bucket leaves its part to the others
    backlog   cells written to the room beyond its rate, as if they waited on a line of that rate;
              below `ROOM_BURST_CELLS` the shares are counted, and hold nobody back

A message that is longer than a whole share needs a full one, and overdraws it. All shares together
may be overdrawn by `ROOM_BURST_CELLS` while the room is busy.

A speaker is a member number: that of the first member who spoke through a circuit. A member keeps
it when their circuit changes, so neither sessions nor new circuits of the same sessions bring a
larger share. A bucket that is full is not stored; a circuit is forgotten `CIRCUIT_KEPT_S` after
somebody last spoke through it.

All buckets refill at one speed, so one *virtual clock* serves all of them: it counts the cells that
a bucket that is never full would have gained. A bucket is stored as the virtual time at which it
will be full. Each call costs O(log n) for n speakers whose buckets are not full, as in fair
queueing; only a long message in a busy room looks at all of them.

Source:
    A. Parekh and R. Gallager, generalized processor sharing (1993): the virtual clock.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from heapq import heapify, heappop, heappush
from html import escape

from server.core.cells import cells_for
from server.core.errors import RateLimitedError
from server.core.ids import CircuitKey
from server.core.limits import (
    CIRCUIT_KEPT_S,
    NEWCOMER_S,
    ROOM_BURST_CELLS,
    ROOM_CELLS_PER_S,
    SHARE_CELLS,
)
from server.core.ratelimit import ROUNDING

ENTRY_OVERHEAD_BYTES = 190
"""Bytes of an entry's HTML beside the escaped text, at most: name, number, mentions, tags."""

MAX_DEBT_CELLS = 64.0
"""The most that a share may be overdrawn: twice the longest message."""

MAX_BACKLOG_CELLS = 4.0 * ROOM_BURST_CELLS
"""The most that is counted as backlog, so that a room is not held back for long after a flood."""


def message_cells(text: str) -> int:
    """Return how many cells a message costs each reader, about."""
    return cells_for(len(escape(text, quote=False).encode()) + ENTRY_OVERHEAD_BYTES)


class RoomPace:
    """The shares of those who have spoken lately in one room."""

    __slots__ = ("_backlog", "_circuits", "_full_at", "_heap", "_stamp_s", "_virtual")

    def __init__(self) -> None:
        self._stamp_s = -math.inf
        self._virtual = 0.0
        """The virtual clock, in cells."""

        self._full_at: dict[int, float] = {}
        """Speaker -> virtual time at which the bucket is full. Full buckets are left out."""

        self._heap: list[tuple[float, int]] = []
        """The same, the next to be full first, and outdated pairs."""

        self._backlog = 0.0
        self._circuits: OrderedDict[CircuitKey, tuple[int, float]] = OrderedDict()
        """Circuit -> its speaker, and when somebody last spoke through it; in that order."""

    @property
    def speakers(self) -> int:
        """How many buckets are not full."""
        return len(self._full_at)

    @property
    def circuits(self) -> int:
        """How many circuits are stored."""
        return len(self._circuits)

    def is_counted(self, speaker: int) -> bool:
        """Whether the bucket of a speaker is not full."""
        return speaker in self._full_at

    def speaker_of(self, speaker: int, circuit: CircuitKey | None, now_s: float) -> int:
        """Return whose share a member takes, and note the circuit that they speak through.

        Args:
            speaker: whose share the member took until now; at first, their own number.
            circuit: the one that they speak through; `None` where circuits are not known.
            now_s: monotonic seconds.
        """
        self.forget_circuits(now_s)
        if circuit is None:
            return speaker
        # Removed first, so that the order is that of the last use.
        speaker, _ = self._circuits.pop(circuit, (speaker, now_s))
        self._circuits[circuit] = (speaker, now_s)
        return speaker

    def forget_circuits(self, now_s: float) -> None:
        """Forget the circuits through which nobody has spoken for a while."""
        while self._circuits:
            circuit, (_, used_s) = next(iter(self._circuits.items()))
            if now_s - used_s < CIRCUIT_KEPT_S:
                return
            del self._circuits[circuit]

    def check(self, speaker: int, cells: int, present_s: float, now_s: float) -> None:
        """Check that a speaker may post a message now.

        Args:
            speaker: see `speaker_of`.
            cells: what the message costs.
            present_s: seconds since the member joined. In a busy room, newcomers begin with an
                empty share, and all others with a full one.
            now_s: monotonic seconds.

        Raises:
            RateLimitedError: if the room is busy and the share is used up; with the time after
                which it will do, if no others begin to speak meanwhile, and for a long message
                about.
        """
        self._advance(now_s)
        needed = min(float(cells), SHARE_CELLS)
        excess = self._backlog + needed - ROOM_BURST_CELLS
        if excess <= ROUNDING:
            return
        if speaker not in self._full_at and present_s < NEWCOMER_S:
            self._set_full_at(speaker, self._virtual + SHARE_CELLS)
        debt = self._full_at.get(speaker, self._virtual) - self._virtual
        lack = (debt + needed - SHARE_CELLS) * self.speakers
        if cells > needed:
            lack = max(lack, self._overdraft() + cells - needed - ROOM_BURST_CELLS)
        if lack > ROUNDING:
            wait_s = min(lack, excess) / ROOM_CELLS_PER_S
            raise RateLimitedError(max(1, math.ceil(wait_s - ROUNDING)))

    def charge(self, speaker: int, cells: int, now_s: float) -> None:
        """Charge a message to a speaker's share and to the room."""
        self._advance(now_s)
        full_at = max(self._virtual, self._full_at.get(speaker, 0.0)) + cells
        most = self._virtual + SHARE_CELLS + MAX_DEBT_CELLS
        self._set_full_at(speaker, min(full_at, most))
        self.add_backlog(cells)

    def add_backlog(self, cells: int) -> None:
        """Count cells that are in nobody's share: of an event."""
        self._backlog = min(MAX_BACKLOG_CELLS, self._backlog + cells)

    def _overdraft(self) -> float:
        """The cells by which all shares together are overdrawn."""
        empty_at = self._virtual + SHARE_CELLS
        return sum(full_at - empty_at for full_at in self._full_at.values() if full_at > empty_at)

    def _advance(self, now_s: float) -> None:
        """Let the time pass: refill the buckets, and forget those that are full."""
        cells = max(0.0, now_s - self._stamp_s) * ROOM_CELLS_PER_S
        self._stamp_s = max(self._stamp_s, now_s)
        self._backlog = max(0.0, self._backlog - cells)
        while self._full_at:
            full_at, speaker = self._heap[0]
            if self._full_at.get(speaker) != full_at:
                heappop(self._heap)
                continue
            until_full = (full_at - self._virtual) * len(self._full_at)
            if until_full > cells:
                self._virtual += cells / len(self._full_at)
                return
            cells -= until_full
            self._virtual = full_at
            heappop(self._heap)
            del self._full_at[speaker]
        self._heap.clear()
        self._virtual = 0.0

    def _set_full_at(self, speaker: int, full_at: float) -> None:
        self._full_at[speaker] = full_at
        heappush(self._heap, (full_at, speaker))
        if len(self._heap) > 2 * len(self._full_at) + 16:
            self._heap = [(full_at, speaker) for speaker, full_at in self._full_at.items()]
            heapify(self._heap)
