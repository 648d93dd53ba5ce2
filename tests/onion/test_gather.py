"""Coroutines run concurrently and end together; the first error is raised by itself."""

from __future__ import annotations

import asyncio

import pytest

from onion.gather import gather


async def value(number: int) -> int:
    await asyncio.sleep(0)
    return number


async def test_results_come_in_the_order_given() -> None:
    assert await gather(value(number) for number in (3, 1, 2)) == [3, 1, 2]
    assert await gather([]) == []


async def test_first_failure_cancels_the_others_and_is_raised_alone() -> None:
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise KeyError("alone")

    with pytest.raises(KeyError, match="alone"):
        await gather([wait(), fail(), wait()])
    assert ended == ["ended", "ended"]


async def test_number_of_concurrent_coroutines_is_limited() -> None:
    running, most = 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await gather((work() for _ in range(9)), max_concurrent=2)
    assert most == 2
