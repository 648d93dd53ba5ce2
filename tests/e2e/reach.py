"""Repeats a request until the client's tor has learned the service's new introduction points."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from onion import OnionError

T = TypeVar("T")

ATTEMPTS = 45
ATTEMPT_S = 6.0
"""Sometimes an introduction point acknowledges for a service that has left it; a client on the same
circuits then waits two or three minutes for a rendezvous. So each attempt uses new circuits."""


async def reached(ask: Callable[[], Awaitable[T]]) -> T:
    """Repeat `ask` until it succeeds, and return its answer.

    Raises:
        AssertionError: if it fails in every attempt.
    """
    for _ in range(ATTEMPTS):
        try:
            async with asyncio.timeout(ATTEMPT_S):
                return await ask()
        except (OSError, OnionError):
            continue
    raise AssertionError("not reachable again")
