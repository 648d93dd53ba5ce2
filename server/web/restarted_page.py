"""The page for a visitor whose session an earlier start of the server had.

It takes the place of the dull page at the URL of a conversation. A cookie tells the two apart: the
browser of somebody who pressed Panic has none any more. Short, without a stylesheet and in every
language, because the choice of one is forgotten as well; its links have `target=_top`, because it
also replaces frames.
"""

from __future__ import annotations

from quart import Response, g

from server.core.ids import Secret
from server.locales.language import mark

from .edge import headers
from .edge.caller import current_caller
from .services import Services, current_services

SENTENCE = mark(
    "This server was started again. It kept nothing: every session and every conversation is"
    " forgotten, yours as well."
)
LINK = mark("Start page")

WAITING = frozenset({"/wait", "/wait/live"})
"""The other paths that need a session, and may be open while the server is started again."""

OTHER_COOKIE = "A" * 43
"""A cookie of no server, and so of an earlier start: for a request of our own."""


def is_earlier(secret: Secret | None, services: Services) -> bool:
    """Whether a cookie was set before the server was started the last time, or elsewhere."""
    return secret is not None and not services.store.mint.drew(secret)


def was_forgotten_at_start() -> bool:
    """Whether the visitor of this request has no session, and had one of an earlier start."""
    return not g.get("is_known", False) and is_earlier(current_caller().secret, current_services())


def restarted_page(status: int) -> Response:
    """Return the page."""
    services = current_services()
    pages = services.pages_by_language
    languages = [each.language for each in pages.values()]
    body = pages[services.default_language].render(
        "restarted.html", languages=languages, sentence=SENTENCE, link=LINK
    )
    return Response(body, status, headers.NO_STORE, content_type=headers.HTML_TYPE)
