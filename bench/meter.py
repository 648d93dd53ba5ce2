"""Counts the cells that come on each circuit, as a client's tor tells them.

Source: control-spec, `CIRC_BW`: once a second, for each circuit that carried something. `READ` is
in the 509 bytes of a relay cell's body.
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
    """A circuit, and the cells that came on it, out of a `CIRC_BW` event."""
    told = dict(word.split("=", 1) for word in line.split() if "=" in word)
    return told["ID"], int(told["READ"]) // BODY_BYTES


def parse_joined(status: str) -> list[str]:
    """The circuits on which a client has met a service, out of `circuit-status`."""
    return [line.split()[0] for line in status.splitlines() if "HS_STATE=HSCR_JOINED" in line]


class Meter:
    """The cells of each circuit.

    Args:
        tick_s: seconds after which all is told that was under way.
    """

    def __init__(self, tick_s: float = TICK_S) -> None:
        self._tick_s = tick_s
        self._cells: Counter[str] = Counter()
        self._news = asyncio.Event()

    def note(self, line: str) -> None:
        """Take one event."""
        circuit, cells = parse_read(line)
        self._cells[circuit] += cells
        self._news.set()

    async def joined(self, control: Control) -> list[str]:
        """The circuits on which a client has met a service."""
        return parse_joined(await control.getinfo("circuit-status"))

    async def cost_of(
        self, circuit: str, cause: Callable[[], Awaitable[object]], within_s: float = WITHIN_S
    ) -> int:
        """The cells that come on a circuit after something, up to a tick that brings none.

        Raises:
            TimeoutError: if none comes in time.
        """
        before = self._cells[circuit]
        await cause()
        await self._more_than(circuit, before, within_s)
        with suppress(TimeoutError):
            while True:
                await self._more_than(circuit, self._cells[circuit], self._tick_s)
        return self._cells[circuit] - before

    async def within(self, circuit: str, seconds: float) -> int:
        """The cells that come on a circuit in so many seconds."""
        before = self._cells[circuit]
        await asyncio.sleep(seconds)
        return self._cells[circuit] - before

    async def _more_than(self, circuit: str, cells: int, within_s: float) -> None:
        async with asyncio.timeout(within_s):
            while self._cells[circuit] <= cells:
                # Events of other circuits come as well.
                self._news.clear()
                await self._news.wait()
