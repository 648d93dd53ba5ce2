"""Panic: one press deletes everything of this visitor, on the server and on the screen.

It requires neither a token nor a session: it must work from a page that is hours old, twice, and
after the session is already gone. A form on a page from elsewhere forgets nothing and clears
nothing, and its answer is the same page. The browser sends no cookie with it (`SameSite=Strict`),
but it would obey `Clear-Site-Data`, and somebody else could end a visitor's session that way.

The stylesheet (`.p`) covers the page immediately, before anything is sent.

Source: W3C Clear Site Data. "cache" also clears the pages kept for the Back button.
"""

from __future__ import annotations

from quart import Blueprint, Response

from server.locales.language import SOURCE
from server.web.edge import headers
from server.web.edge.cookies import expire_cookie, visitor
from server.web.edge.forms import is_own_post
from server.web.services import current_services

panic = Blueprint("panic", __name__)


@panic.post("/panic")
async def forget_all() -> Response:
    """Forget the session and everything that belongs to it; show the same page to everybody."""
    if not is_own_post():
        return _neutral_page()
    secret = visitor()
    if secret is not None:
        await current_services().store.panic(secret)
    response = _neutral_page()
    response.headers["clear-site-data"] = '"cache", "cookies"'
    expire_cookie(response)
    return response


@panic.get("/blank")
async def blank() -> Response:
    """Show the page that replaces frames and tabs whose stream was open."""
    return _neutral_page()


def _neutral_page() -> Response:
    """Return the same bytes for everybody: not even the visitor's language remains."""
    body = current_services().pages_by_language[SOURCE].render("blank.html")
    return Response(body, 200, headers.NO_STORE, content_type=headers.HTML_TYPE)
