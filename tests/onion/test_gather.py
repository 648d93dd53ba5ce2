"""Coroutines that run together end together, and the one error that counts is raised."""

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


async def test_first_failure_ends_the_others_and_is_raised_alone() -> None:
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


async def test_no_more_run_at_once_than_allowed() -> None:
    running, most = 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await gather((work() for _ in range(9)), at_once=2)
    assert most == 2
