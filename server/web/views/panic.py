"""Panic: one press deletes everything of this visitor, on the server and on the screen.

It requires neither a token nor a session: it must work from a page that is hours old, twice, and
after the session is already gone. The answer redirects to the dull page, so that neither Reload nor
Back asks to send the form again.

A form on a page from elsewhere forgets nothing and clears nothing. The browser sends no cookie with
it (`SameSite=Strict`), but it would obey `Clear-Site-Data`, and somebody else could end a visitor's
session that way. The same holds for a link to the dull page on a page from elsewhere.

The stylesheet (`.p`) covers the page immediately, before anything is sent.

Source: W3C Clear Site Data. "cache" also clears the pages kept for the Back button.
"""

from __future__ import annotations

from quart import Blueprint, Response, g

from server.web.dull_page import BLANK, dull_page
from server.web.edge.caller import current_caller
from server.web.edge.cookies import expire_cookie, visitor
from server.web.edge.forms import is_own_post
from server.web.edge.responses import see_other
from server.web.services import current_services

panic = Blueprint("panic", __name__)


@panic.post("/panic")
async def forget_all() -> Response:
    """Forget the session and everything that belongs to it; the answer is the same to everybody."""
    response = see_other(BLANK)
    if is_own_post():
        secret = visitor()
        if secret is not None:
            await current_services().store.panic(secret)
        _clear(response)
        expire_cookie(response)
    return response


@panic.get(BLANK)
async def blank() -> Response:
    """Show the dull page, which also replaces frames and tabs whose stream was open.

    It clears once more: a page that arrived between the press and its answer may be in the cache.
    A session that began meanwhile keeps its cookie.
    """
    response = dull_page()
    if not g.is_known and not current_caller().comes_from_elsewhere:
        _clear(response)
    return response


def _clear(response: Response) -> None:
    response.headers["clear-site-data"] = '"cache", "cookies"'
