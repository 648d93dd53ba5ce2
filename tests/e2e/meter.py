"""Reads from a tor how many bytes it receives in each second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from onion.control import Control

GRACE_S = 5.0
"""How late the events of a tor may be."""


class Meter:
    """Collects the bytes that the visitors' tor reports for each second."""

    def __init__(self) -> None:
        self._reported: asyncio.Queue[int] = asyncio.Queue()

    def note(self, line: str) -> None:
        """Take a control event. Source: control-spec, BW: bytes read, then written."""
        self._reported.put_nowait(int(line.split()[1]))

    async def next(self, count: int) -> list[int]:
        """Wait for so many seconds that begin from now on; the bytes received in each."""
        while not self._reported.empty():
            self._reported.get_nowait()
        async with asyncio.timeout(2 * count + GRACE_S):
            return [await self._reported.get() for _ in range(count + 1)][1:]


@asynccontextmanager
async def metered(control_socket: Path) -> AsyncIterator[Meter]:
    """Attach to a tor and count its bytes."""
    meter = Meter()
    control = await Control.attach(control_socket, on_event=meter.note)
    try:
        await control.subscribe("BW")
        yield meter
    finally:
        await control.close()
