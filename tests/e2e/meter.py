"""Measures how many bytes a tor receives in each second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from onion.control import Control

GRACE_S = 5.0
"""How late tor's events may arrive."""


class Meter:
    """Collects the bandwidth events of the visitors' tor."""

    def __init__(self) -> None:
        self._reported: asyncio.Queue[int] = asyncio.Queue()

    def note(self, line: str) -> None:
        """Record a control event. Source: control-spec, BW: bytes read, then bytes written."""
        self._reported.put_nowait(int(line.split()[1]))

    async def next(self, count: int) -> list[int]:
        """Return the bytes received in each of the next `count` whole seconds."""
        while not self._reported.empty():
            self._reported.get_nowait()
        async with asyncio.timeout(2 * count + GRACE_S):
            return [await self._reported.get() for _ in range(count + 1)][1:]


@asynccontextmanager
async def metered(control_socket: Path) -> AsyncIterator[Meter]:
    """Attach to a tor and measure what it receives while the block runs."""
    meter = Meter()
    control = await Control.attach(control_socket, on_event=meter.note)
    try:
        await control.subscribe("BW")
        yield meter
    finally:
        await control.close()
