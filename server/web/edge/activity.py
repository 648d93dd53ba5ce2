"""Signs of life: which requests somebody pressed for, and what each costs.

What a page asks for by itself keeps a session alive for as long as its page is open, and is no
sign that anybody looks at it.
"""

from __future__ import annotations

from quart import Response, g, request

from server.store.contract.session import Settings
from server.web.services import current_services

from . import headers
from .cookies import visitor

BY_ITSELF = frozenset(
    {
        *("chat.live", "chat.moved", "composer.empty"),
        *("wait.still", "wait.live", "wait.moved", "private.knock"),
        *("static_pages.stylesheet", "static_pages.over", "panic.blank"),
    }
)
"""Endpoints that browsers ask for without anybody pressing anything."""

PRESSED = "plain.read"
"""The endpoint of links on a page that reloads itself."""

RELOADS = "every"
"""What the URL of a page names that reloads itself."""

_STATUS_LINE_BYTES = len("HTTP/1.1 200 \r\n\r\n")


async def visit() -> None:
    """Look the session up, once for each request, and count the request as its activity.

    Called before every view. `g.is_known` says whether there is a session; `g.settings` what it has
    chosen.
    """
    secret, settings = visitor(), None
    if secret is not None:
        settings = await current_services().store.visit(secret, is_pressed=_is_pressed())
    g.is_known = settings is not None
    g.settings = settings or Settings()


def _is_pressed() -> bool:
    if request.method == "POST":
        return True
    # What is not there, browsers may have asked for by themselves: an icon, a page from before.
    of_itself = request.endpoint is None or request.endpoint in BY_ITSELF
    return not of_itself and (RELOADS not in request.args or request.endpoint == PRESSED)


async def count(response: Response) -> Response:
    """Count the bytes of a request and its answer; called after every view.

    What a stream sends is counted as it is sent; here it has no length yet.
    """
    secret = visitor()
    if secret is not None:
        up = len(request.method) + len(request.full_path) + len(" HTTP/1.1\r\n\r\n")
        up += sum(len(name) + len(value) + 4 for name, value in request.headers.items())
        up += request.content_length or 0
        body = 0 if request.method == "HEAD" else response.content_length or 0
        down = _STATUS_LINE_BYTES + body
        sent = {**headers.EVERYWHERE, **{k.lower(): v for k, v in response.headers.items()}}
        down += sum(len(name) + len(value) + 4 for name, value in sent.items())
        await current_services().store.add_traffic(secret, up + down)
    return response
