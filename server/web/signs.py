"""Signs of life: which requests somebody pressed for, and what each costs.

What a page asks for by itself keeps a session alive for as long as its page is open, and is no
sign that anybody looks at it.
"""

from __future__ import annotations

from quart import Response, request

from . import headers
from .cookies import visitor
from .services import services

BY_ITSELF = frozenset(
    {
        *("chat.live", "chat.moved", "composer.empty"),
        *("wait.still", "wait.live", "wait.moved", "private.knock"),
        *("house.stylesheet", "house.over", "panic.blank"),
    }
)
"""Endpoints that browsers ask for without anybody pressing anything."""

RELOADS = "every"
"""What the URL of a page names that reloads itself."""

_STATUS_LINE_BYTES = len("HTTP/1.1 200 \r\n\r\n")
_EVERYWHERE_BYTES = sum(len(name) + len(value) + 4 for name, value in headers.EVERYWHERE.items())


async def note() -> None:
    """Count what was pressed; called before every view."""
    secret = visitor()
    pressed = request.method == "POST" or request.endpoint not in BY_ITSELF
    if secret is not None and pressed and RELOADS not in request.args:
        await services().store.act(secret)


async def count(response: Response) -> Response:
    """Count the bytes of a request and its answer; called after every view.

    What a stream sends is counted as it is sent; here it has no length yet.
    """
    secret = visitor()
    if secret is not None:
        up = len(request.method) + len(request.full_path) + len(" HTTP/1.1\r\n\r\n")
        up += sum(len(name) + len(value) + 4 for name, value in request.headers.items())
        up += request.content_length or 0
        down = _STATUS_LINE_BYTES + _EVERYWHERE_BYTES + (response.content_length or 0)
        own = [pair for pair in response.headers.items() if pair[0].lower() not in _EVERYWHERE]
        down += sum(len(name) + len(value) + 4 for name, value in own)
        await services().store.spend(secret, up + down)
    return response


_EVERYWHERE = frozenset(headers.EVERYWHERE)
