"""Outages of a few seconds: tor, the web process or the network is killed, stops or starves.

Each cause is a coroutine that lasts as long as it is told, and returns at its end. A kill is over
at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.e2e.cut_line import Line

Cause = Callable[[float], Awaitable[None]]

RUNS_S, STOPS_S = 0.05, 0.45
"""A process that starves runs for a tenth of the time, in turns."""

STARVED_BYTES_PER_S = 2000.0
"""Of a network that starves, for each connection and direction."""

Pid = Callable[[], int]


def kill(pid: Pid) -> Cause:
    """Kill a process, whichever it is at that moment."""

    async def cause(_for_s: float) -> None:
        os.kill(pid(), signal.SIGKILL)

    return cause


def stop(pid: Pid) -> Cause:
    """Stop a process, and let it go on."""

    async def cause(for_s: float) -> None:
        stopped = pid()
        os.kill(stopped, signal.SIGSTOP)
        await asyncio.sleep(for_s)
        with suppress(ProcessLookupError):
            os.kill(stopped, signal.SIGCONT)

    return cause


def starve(pid: Pid) -> Cause:
    """Let a process run for a tenth of the time only."""

    async def cause(for_s: float) -> None:
        starved, until_s = pid(), time.monotonic() + for_s
        with suppress(ProcessLookupError):
            while time.monotonic() < until_s:
                os.kill(starved, signal.SIGSTOP)
                await asyncio.sleep(STOPS_S)
                os.kill(starved, signal.SIGCONT)
                await asyncio.sleep(RUNS_S)

    return cause


def cut_network(line: Line) -> Cause:
    """End all connections of a server's tor, and open no more."""
    return _until_mended(line, line.cut)


def hold_network(line: Line) -> Cause:
    """Let nothing through; the connections stay open."""
    return _until_mended(line, line.hold)


def starve_network(line: Line) -> Cause:
    """Let little through."""
    return _until_mended(line, lambda: line.slow_down(STARVED_BYTES_PER_S))


def _until_mended(line: Line, spoil: Callable[[], None]) -> Cause:
    async def cause(for_s: float) -> None:
        spoil()
        await asyncio.sleep(for_s)
        line.mend()

    return cause
