"""The dull page: what remains after Panic, and at the URL of a conversation without a session.

The same bytes for everybody, in one language, without a stylesheet: the page says nothing about
what kind of site this is, and a browser that has just cleared its cache requests nothing more. Its
one link has `target=_top`, because the page also replaces frames.
"""

from __future__ import annotations

from quart import Response

from .edge import headers
from .services import current_services

BLANK = "/blank"
"""The page under its own path."""

CONVERSATIONS = ("/chat/", "/knock/")
"""Beginnings of the paths that belong to one session."""


def is_conversation(path: str) -> bool:
    """Check whether a path belongs to one session: without that session it shows the dull page."""
    return path.startswith(CONVERSATIONS)


def dull_page(status: int = 200) -> Response:
    """Return the page; not even the visitor's language remains."""
    services = current_services()
    body = services.pages_by_language[services.default_language].render("blank.html")
    return Response(body, status, headers.NO_STORE, content_type=headers.HTML_TYPE)
