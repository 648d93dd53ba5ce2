"""Runs several coroutines concurrently and raises a single error, not a group."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def gather(
    coroutines: Iterable[Coroutine[Any, Any, T]], *, max_concurrent: int | None = None
) -> list[T]:
    """Run all coroutines and return their results in the order given.

    The first failure cancels the others and is raised by itself, not in an exception group:
    a caller that starts five tors needs to know why one did not start.

    Args:
        coroutines: all of them are awaited or closed, also when one fails.
        max_concurrent: how many may run at the same time; None is no limit.
    """
    pending = list(coroutines)
    semaphore = asyncio.Semaphore(max_concurrent or max(1, len(pending)))

    async def run(coroutine: Coroutine[Any, Any, T]) -> T:
        async with semaphore:
            return await coroutine

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(run(coroutine)) for coroutine in pending]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    finally:
        for coroutine in pending:
            coroutine.close()
    return [task.result() for task in tasks]
