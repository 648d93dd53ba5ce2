"""Reads from a tor how much goes over its line, a second at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from onion.control import Control

GRACE_S = 5.0
"""By which a tor may be late in telling."""


class Meter:
    """What the visitors' tor tells of its line: how much it has read, a second at a time."""

    def __init__(self) -> None:
        self._told: asyncio.Queue[int] = asyncio.Queue()

    def note(self, line: str) -> None:
        """Take a control event. Source: control-spec, BW: bytes read, then written."""
        self._told.put_nowait(int(line.split()[1]))

    async def next(self, count: int) -> list[int]:
        """What is read in so many seconds from now on, those that began before left out."""
        while not self._told.empty():
            self._told.get_nowait()
        async with asyncio.timeout(2 * count + GRACE_S):
            return [await self._told.get() for _ in range(count + 1)][1:]


@asynccontextmanager
async def metered(control_socket: Path) -> AsyncIterator[Meter]:
    """Watch the line of a tor."""
    meter = Meter()
    control = await Control.attach(control_socket, on_event=meter.note)
    try:
        await control.subscribe("BW")
        yield meter
    finally:
        await control.close()
