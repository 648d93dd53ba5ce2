"""What happens to every request before its view: one hook, because each costs time."""

from __future__ import annotations

from server.web import admission, refusals

from . import activity, request_language
from .caller import current_caller
from .gateways import GatewayError


async def prepare() -> None:
    """Look up the session and what it is to be shown, choose the language, refuse a gateway.

    Raises:
        GatewayError: if the request came through one.
        NotAdmittedError: see `admission.check_entrance`.
        RateLimitedError: see `activity.visit`.
    """
    try:
        await activity.visit()
    finally:
        # Also for the page that says why nothing was done.
        await request_language.choose()
    await refusals.load()
    if current_caller().is_via_gateway:
        raise GatewayError
    await admission.check_entrance()
