"""Several coroutines at once, as one call."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def gather(
    coroutines: Iterable[Coroutine[Any, Any, T]], *, at_once: int | None = None
) -> list[T]:
    """Run all of them, and give their results in the order given.

    The first that fails ends the others, and its error is raised alone: who starts five tors
    wants to know why one did not start, not about a group of one.

    Args:
        coroutines: all of them are awaited or closed, also when one fails.
        at_once: how many may run at the same time; None is no bound.
    """
    pending = list(coroutines)
    gate = asyncio.Semaphore(at_once or max(1, len(pending)))

    async def one(coroutine: Coroutine[Any, Any, T]) -> T:
        async with gate:
            return await coroutine

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(coroutine)) for coroutine in pending]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    finally:
        for coroutine in pending:
            coroutine.close()
    return [task.result() for task in tasks]
