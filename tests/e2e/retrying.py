"""Repeats a request until the client's tor knows the service's new introduction points."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from onion import OnionError

T = TypeVar("T")

ATTEMPTS = 45
ATTEMPT_S = 6.0
"""Limit for one attempt, which uses new circuits.

Sometimes an introduction point acknowledges a request for a service that no longer uses it. A
client that stays on the same circuits then waits two or three minutes for the rendezvous.
"""


async def retry_until_reachable(request: Callable[[], Awaitable[T]]) -> T:
    """Call `request` until it succeeds, and return its result.

    Raises:
        AssertionError: if every attempt fails.
    """
    for _ in range(ATTEMPTS):
        try:
            async with asyncio.timeout(ATTEMPT_S):
                return await request()
        except (OSError, OnionError):
            continue
    raise AssertionError("not reachable again")
