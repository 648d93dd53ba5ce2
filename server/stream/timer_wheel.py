"""One ticker for everything that is due on open streams: heartbeats, and the cells of steady ones.

Theory of operation
===================

Who ticks stands in the slot of the moment at which it wants to be looked at, and in no other. A
stream that said something meanwhile is not moved: when its slot comes, it says when it is really
due, and stands there. So a message to five thousand touches no slot at all.

    slot   …  | 812 | 813 | 814 | …      each `SLOT_S` seconds
              ^ now

There is one task and one sleep, however many streams are open.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

SLOT_S = 0.05
"""Seconds of one slot: nothing comes earlier than it should, or later than by this much."""


class TimerEntry(Protocol):
    """What stands in a slot."""

    slot: int
    """Kept by the pulse."""

    def tick(self, now_s: float) -> float | None:
        """Do what is due; the next moment to be looked at, or `None` for never.

        It must return at once and must not raise.
        """


class TimerWheel:
    """Who is to be looked at, by slots.

    Args:
        clock: monotonic seconds; tests pass their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._slots: dict[int, set[TimerEntry]] = {}
        self.now_s = clock()
        """Monotonic seconds at the last turn: a number that costs nothing to look at."""

        self._next = self._slot_at(self.now_s)

    def __len__(self) -> int:
        return sum(map(len, self._slots.values()))

    def stand(self, who: TimerEntry, due_s: float) -> None:
        """Let something tick at that moment; it stands in no slot yet."""
        # The end of the slot, so that nothing is early; never one that is over.
        who.slot = max(self._slot_at(due_s) + 1, self._next)
        self._slots.setdefault(who.slot, set()).add(who)

    def leave(self, who: TimerEntry) -> None:
        """Look at it no more. Twice is as once."""
        slot = self._slots.get(who.slot)
        if slot is not None:
            slot.discard(who)
            if not slot:
                del self._slots[who.slot]

    def turn(self) -> None:
        """Let everything tick that is due by now."""
        now_s = self.now_s = self._clock()
        until = self._slot_at(now_s)
        while self._next <= until:
            due = self._slots.pop(self._next, ())
            self._next += 1
            for who in due:
                next_s = who.tick(now_s)
                if next_s is not None:
                    self.stand(who, next_s)

    async def run(self) -> None:
        """Turn for ever, at the beginning of each slot."""
        while True:
            await asyncio.sleep(max(0.0, self._next * SLOT_S - self._clock()))
            self.turn()

    @staticmethod
    def _slot_at(moment_s: float) -> int:
        return int(moment_s / SLOT_S)
