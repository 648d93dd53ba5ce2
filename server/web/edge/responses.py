"""Ways to answer: a page, a redirect. Every view ends in one of them."""

from __future__ import annotations

from quart import Response, g

from server.store.contract.matching import MatchState
from server.web.services import current_services

from . import headers, request_language


def page(template: str, /, status: int = 200, **context: object) -> Response:
    """A whole HTML document."""
    body = current_services().pages.render(
        template, to=request_language.link, neutral=g.settings.neutral_titles, **context
    )
    return html(body, status)


def html(body: str, status: int = 200) -> Response:
    """A document that is rendered already."""
    return Response(body, status, headers.NO_STORE, content_type=headers.HTML_TYPE)


def see_other(path: str) -> Response:
    """A `303` to a path of our own: after a post, so that a reload posts nothing."""
    response = Response(b"", 303, {"location": path, **headers.NO_STORE})
    del response.headers["content-type"]
    return response


def way_of(stands: MatchState, otherwise: str) -> str:
    """Where somebody goes who asked to be matched: to the pair that was found, or elsewhere."""
    return f"/chat/{stands.chat_id}" if stands.chat_id else otherwise
