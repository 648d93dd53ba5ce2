"""Chooses the language of a response.

The URL decides (`?lang=fa`), else the session's setting, else English. The URL's choice needs no
cookie and is carried on in the page's links, so a shared link keeps its language.
"""

from __future__ import annotations

from markupsafe import Markup
from quart import g, request

from server.locales.language import SOURCE
from server.web.render.pages import plain_link
from server.web.services import current_services

FIELD = "lang"


async def choose() -> None:
    """Choose the language of this request; called before every view, after `activity.visit`."""
    chosen = language_in_url() or g.settings.language
    g.language = chosen if chosen in current_services().pages_by_language else SOURCE


def language_in_url() -> str | None:
    """Return the language code in the URL of this request, if the service has that language."""
    code = request.args.get(FIELD, "")
    return code if code in current_services().pages_by_language else None


def link(path: str) -> Markup:
    """Return a link target for a page, with the language code if this request's URL has one."""
    code = language_in_url()
    if code is None:
        return plain_link(path)
    return Markup('"{}?{}={}"').format(path, FIELD, code)
