"""The time in which a loop waits is measured, and a full loop does not wait."""

from __future__ import annotations

import asyncio
import time

from server.http.idle import IdleClock

LONG_S = 0.05


async def test_time_of_waiting_is_counted() -> None:
    loop = asyncio.get_running_loop()
    with IdleClock(loop) as clock:
        await asyncio.sleep(LONG_S)
        assert clock.waited_s > 0.8 * LONG_S


async def test_full_loop_does_not_wait() -> None:
    with IdleClock(asyncio.get_running_loop()) as clock:
        began_s = time.monotonic()
        while time.monotonic() < began_s + LONG_S:
            for _ in range(1_000):
                pass
            await asyncio.sleep(0)
        assert clock.waited_s < (time.monotonic() - began_s) / 2


async def test_nothing_is_counted_after_the_block() -> None:
    with IdleClock(asyncio.get_running_loop()) as clock:
        await asyncio.sleep(0)
    waited_s = clock.waited_s
    await asyncio.sleep(LONG_S)
    assert clock.waited_s == waited_s
