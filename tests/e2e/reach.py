"""Asks again while the client's tor has yet to learn that the service moved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from onion import OnionError

T = TypeVar("T")

ATTEMPTS = 45
ATTEMPT_S = 6.0
"""Seldom, an introduction is acknowledged where nobody is any more, and whoever asks on the same
circuits waits for a rendezvous for two or three minutes. So one asks again on new ones."""


async def reached(ask: Callable[[], Awaitable[T]]) -> T:
    """What `ask` answers, once it does.

    Raises:
        AssertionError: if it does not, often enough.
    """
    for _ in range(ATTEMPTS):
        try:
            async with asyncio.timeout(ATTEMPT_S):
                return await ask()
        except (OSError, OnionError):
            continue
    raise AssertionError("not reachable again")
