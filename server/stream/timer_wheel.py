"""One timer for everything that is due on open streams: heartbeats, and constant-rate cells.

Theory of operation
===================

Each entry is stored in the wheel slot of its next deadline, and in no other. A stream that writes
something meanwhile is not moved: when its slot is due it computes its real deadline and is stored
there. So a message to five thousand readers touches no slot at all.

    slot   …  | 812 | 813 | 814 | …      each `SLOT_S` seconds
              ^ now

There is one task and one sleep, however many streams are open. The wheel turns once a slot on
average, at moments that are drawn: turns at the beginning of each slot would show on every line the
machine's clock, modulo the length of a slot.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from server.core.durations import drawn_between

SLOT_S = 0.05
"""Seconds of one slot: nothing is early, and nothing is late by more than three of them."""

TURN_S = (0.5 * SLOT_S, 1.5 * SLOT_S)
"""The shortest and the longest pause between two turns in seconds."""


class TimerEntry(Protocol):
    """Something that has a deadline."""

    slot: int
    """Where it is stored; kept by the wheel."""

    def tick(self, now_s: float) -> float | None:
        """Do what is due; return the next deadline, or `None` for never.

        It must return at once and must not raise.
        """


class TimerWheel:
    """Entries by the slot of their deadline.

    Args:
        clock: monotonic seconds; tests pass their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._slots: dict[int, set[TimerEntry]] = {}
        self.now_s = clock()
        """Monotonic seconds at the last turn: reading it costs no system call."""

        self._next = self._slot_at(self.now_s)

    def __len__(self) -> int:
        return sum(map(len, self._slots.values()))

    def schedule(self, entry: TimerEntry, due_s: float) -> None:
        """Set the deadline of an entry that has none."""
        # The end of the slot, so that nothing is early; never a slot that is past.
        entry.slot = max(self._slot_at(due_s) + 1, self._next)
        self._slots.setdefault(entry.slot, set()).add(entry)

    def cancel(self, entry: TimerEntry) -> None:
        """Drop the deadline of an entry. Idempotent."""
        slot = self._slots.get(entry.slot)
        if slot is not None:
            slot.discard(entry)
            if not slot:
                del self._slots[entry.slot]

    def turn(self) -> None:
        """Tick everything that is due by now."""
        now_s = self.now_s = self._clock()
        until = self._slot_at(now_s)
        while self._next <= until:
            due = self._slots.pop(self._next, ())
            self._next += 1
            for entry in due:
                next_s = entry.tick(now_s)
                if next_s is not None:
                    self.schedule(entry, next_s)

    async def run(self) -> None:
        """Turn for ever, at moments that are drawn one after the other."""
        while True:
            await asyncio.sleep(drawn_between(*TURN_S))
            self.turn()

    @staticmethod
    def _slot_at(moment_s: float) -> int:
        return int(moment_s / SLOT_S)
