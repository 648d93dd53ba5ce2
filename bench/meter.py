"""Counts the cells that arrive on each circuit, from the events of a client's tor.

Source: control-spec, `CIRC_BW`: sent once a second for each circuit that carried something. `READ`
counts the 509 bytes of each relay cell's body.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from onion.control import Control

BODY_BYTES = 509
TICK_S = 1.3
"""Longer than tor's second: a tick that is a little late."""

WITHIN_S = 10.0


def parse_read(line: str) -> tuple[str, int]:
    """Read a circuit, and the cells that arrived on it, from a `CIRC_BW` event."""
    told = dict(word.split("=", 1) for word in line.split() if "=" in word)
    return told["ID"], int(told["READ"]) // BODY_BYTES


def parse_joined(status: str) -> list[str]:
    """Read the joined rendezvous circuits from `circuit-status`."""
    return [line.split()[0] for line in status.splitlines() if "HS_STATE=HSCR_JOINED" in line]


class Meter:
    """The cells of each circuit.

    Args:
        tick_s: seconds after which every cell under way has been reported.
    """

    def __init__(self, tick_s: float = TICK_S) -> None:
        self._tick_s = tick_s
        self._cells: Counter[str] = Counter()
        self._news = asyncio.Event()

    def note(self, line: str) -> None:
        """Count the cells of one event."""
        circuit, cells = parse_read(line)
        self._cells[circuit] += cells
        self._news.set()

    async def joined(self, control: Control) -> list[str]:
        """The joined rendezvous circuits."""
        return parse_joined(await control.getinfo("circuit-status"))

    async def cost_of(
        self, circuit: str, cause: Callable[[], Awaitable[object]], within_s: float = WITHIN_S
    ) -> int:
        """Count the cells that arrive after an event, until a tick without any.

        Raises:
            TimeoutError: if none arrives in time.
        """
        before = self._cells[circuit]
        await cause()
        await self._more_than(circuit, before, within_s)
        with suppress(TimeoutError):
            while True:
                await self._more_than(circuit, self._cells[circuit], self._tick_s)
        return self._cells[circuit] - before

    async def within(self, circuit: str, seconds: float) -> int:
        """Count the cells that arrive on a circuit in so many seconds."""
        before = self._cells[circuit]
        await asyncio.sleep(seconds)
        return self._cells[circuit] - before

    async def _more_than(self, circuit: str, cells: int, within_s: float) -> None:
        async with asyncio.timeout(within_s):
            while self._cells[circuit] <= cells:
                # Events of other circuits wake us as well.
                self._news.clear()
                await self._news.wait()
