"""Panic: one press, and nothing of this visitor is left, here or on the screen.

No token and no session is asked for: it must work from a page that is hours old, twice, and for
somebody whose session is gone already. Nobody else can press it: the cookie is `SameSite=Strict`.

What covers the page at once, before anything is sent, is the stylesheet (`.p`).

Source: W3C Clear Site Data. "cache" takes the pages kept for the Back button too.
"""

from __future__ import annotations

from quart import Blueprint, Response

from server.locales.language import SOURCE
from server.web.edge import headers
from server.web.edge.cookies import expire_cookie, visitor
from server.web.services import current_services

panic = Blueprint("panic", __name__)


@panic.post("/panic")
async def forget_all() -> Response:
    """Forget the session and all that hangs on it; the same dull page for everybody."""
    secret = visitor()
    if secret is not None:
        await current_services().store.panic(secret)
    response = _dull_page()
    response.headers["clear-site-data"] = '"cache", "cookies"'
    expire_cookie(response)
    return response


@panic.get("/blank")
async def blank() -> Response:
    """What is left in the frames and tabs whose stream was open."""
    return _dull_page()


def _dull_page() -> Response:
    """The same bytes for everybody: not even a language is left of who was here."""
    body = current_services().books[SOURCE].render("blank.html")
    return Response(body, 200, headers.NO_STORE, content_type=headers.HTML_TYPE)
