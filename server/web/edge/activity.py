"""Session activity: which requests a person made deliberately, and how many bytes each costs.

Requests that a page makes by itself keep the session alive while the page is open, but they do
not show that anybody is looking at it.
"""

from __future__ import annotations

from quart import Response, g, request

from server.store.contract.session import Settings
from server.web.services import current_services

from . import headers
from .circuit import circuit_of_request
from .cookies import visitor
from .renewal import follow

AUTOMATIC = frozenset(
    {
        *("chat.live", "chat.moved", "composer.empty"),
        *("wait.still", "wait.live", "wait.moved", "wait.over", "private.knock"),
        *("static_pages.stylesheet", "static_pages.over", "panic.blank"),
    }
)
"""Endpoints that browsers request without a click or key press."""

LINK_ENDPOINT = "plain.read"
"""The endpoint of links on a page that reloads itself: always a click."""

PANIC_ENDPOINT = "panic.forget_all"
"""It needs no new cookie, and nothing may keep it from forgetting the session."""

RELOAD_PARAM = "every"
"""The query parameter that marks the URL of a page that reloads itself."""

_STATUS_LINE_BYTES = len("HTTP/1.1 200 \r\n\r\n")
_EVERYWHERE_BYTES = {name: len(name) + len(value) + 4 for name, value in headers.EVERYWHERE.items()}
_ALL_EVERYWHERE_BYTES = sum(_EVERYWHERE_BYTES.values())


async def visit() -> None:
    """Look the session up, once for each request, and count the request as its activity.

    Called before every view. `g.is_known` says whether there is a session; `g.settings` what it has
    chosen.

    Raises:
        RateLimitedError: if the cookie was renewed, and is sent again and again.
    """
    secret, settings = visitor(), None
    g.is_known, g.settings = False, Settings()
    if secret is not None:
        pressed, circuit, store = _is_deliberate(), circuit_of_request(), current_services().store
        settings = await store.visit(secret, is_pressed=pressed, circuit=circuit)
        is_followed = settings is None and request.endpoint != PANIC_ENDPOINT
        issued = await follow(secret) if is_followed else None
        if issued is not None:
            settings = await store.visit(
                issued, is_pressed=pressed, circuit=circuit, is_issued=True
            )
    g.is_known = settings is not None
    g.settings = settings or Settings()


def _is_deliberate() -> bool:
    if request.method == "POST":
        return True
    endpoint = request.endpoint
    # A path without a route may be an automatic request: a favicon, a page of an older version.
    if endpoint is None or endpoint in AUTOMATIC:
        return False
    return endpoint == LINK_ENDPOINT or not request.query_string or RELOAD_PARAM not in request.args


async def count_traffic(response: Response) -> Response:
    """Add the bytes of a request and its response to the session; called after every view.

    A stream has no length yet at this point; its bytes are counted as they are sent.
    """
    secret = visitor()
    if secret is not None:
        await current_services().store.add_traffic(secret, _bytes_up() + _bytes_down(response))
    return response


def _bytes_up() -> int:
    scope = request.scope
    target = len(scope["raw_path"]) + len(scope["query_string"])
    fields = sum([len(name) + len(value) + 4 for name, value in scope["headers"]])
    length = request.content_length or 0
    return len(request.method) + target + len(" ? HTTP/1.1\r\n\r\n") + fields + length


def _bytes_down(response: Response) -> int:
    down = _STATUS_LINE_BYTES + _ALL_EVERYWHERE_BYTES
    for name, value in response.headers:
        down += len(name) + len(value) + 4 - _EVERYWHERE_BYTES.get(name.lower(), 0)
    return down if request.method == "HEAD" else down + (response.content_length or 0)
