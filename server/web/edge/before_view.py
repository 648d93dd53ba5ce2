"""What happens to every request before its view: one hook, because each costs time."""

from __future__ import annotations

from . import activity, request_language
from .caller import current_caller
from .gateways import GatewayError


async def prepare() -> None:
    """Look the session up, choose the language, and refuse a gateway.

    Raises:
        GatewayError: if the request came through one.
        RateLimitedError: see `activity.visit`.
    """
    try:
        await activity.visit()
    finally:
        # Also for the page that says why nothing was done.
        await request_language.choose()
    if current_caller().is_via_gateway:
        raise GatewayError
