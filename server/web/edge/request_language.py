"""Chooses the language of a response.

The URL decides (`?lang=fa`), else the session's setting, else the first language of the server.
The URL's choice needs no cookie and is carried on in the page's links, so a shared link keeps its
language.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl

from markupsafe import Markup
from quart import g, request

from server.web.render.pages import plain_link
from server.web.services import current_services

FIELD = "lang"


async def choose() -> None:
    """Choose the language of this request; called before every view, after `activity.visit`."""
    services, chosen = current_services(), language_in_url() or g.settings.language
    g.language = chosen if chosen in services.pages_by_language else services.default_language


def language_in_url() -> str | None:
    """Return the language code in the URL of this request, if the service has that language."""
    return language_in_query(request.query_string, current_services().pages_by_language)


def language_in_query(query: bytes, languages: Collection[str]) -> str | None:
    """Return the language code in a query: of the first field of that name.

    Args:
        query: of a URL; ASCII, as every request target is.
        languages: the codes of all languages.
    """
    # Without either, no field has the name; this is nearly every request.
    if FIELD.encode() not in query and b"%" not in query:
        return None
    fields = parse_qsl(query.decode("ascii", "replace"), keep_blank_values=True)
    code = next((value for name, value in fields if name == FIELD), None)
    return code if code in languages else None


def link(path: str) -> Markup:
    """Return a link target for a page, with the language code if this request's URL has one."""
    code = language_in_url()
    if code is None:
        return plain_link(path)
    return Markup('"{}?{}={}"').format(path, FIELD, code)
