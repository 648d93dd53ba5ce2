"""Ends a server in order: the web process, then what tor still has to send, then tor.

The web process tells everybody and ends each stream whole. If tor ended first, or at once after,
each visitor would see a line that just breaks, and most would wait for it for a minute.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

from onion import OnionError, OnionService

from .restart import Supervised

SENT_S = 1.5
"""How long tor may take to send the ends of the streams. The whole end may take five seconds; a tor
that hangs is killed two seconds after it was asked to end."""


async def end_in_order(web: AsyncExitStack, service: Supervised[OnionService]) -> None:
    """End the web process, and wait until tor has sent what that gave it.

    Args:
        web: whose exit ends the web process.
        service: its tor, which the caller ends next.
    """
    await web.aclose()
    if service.current is None:
        return
    with suppress(OnionError, TimeoutError):
        async with asyncio.timeout(SENT_S):
            await service.current.wait_sent()
