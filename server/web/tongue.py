"""Which language a request is answered in.

What the URL says (`?lang=fa`), else what the session has chosen, else English. The URL's choice
needs no cookie and is carried in the page's links, so that links are passed on in their language.
"""

from __future__ import annotations

from markupsafe import Markup
from quart import g, request

from .cookies import visitor
from .language import SOURCE
from .pages import plain_link
from .services import services

FIELD = "lang"


async def choose() -> None:
    """Find the language of this request; called before every view."""
    house = services()
    said = request.args.get(FIELD, "")
    secret = visitor()
    if said not in house.books and secret is not None:
        said = await house.store.language(secret) or SOURCE
    g.language = said if said in house.books else SOURCE


def link(path: str) -> Markup:
    """Write a link of a page: with the URL's choice of language, where the URL made one."""
    said = request.args.get(FIELD, "")
    if said not in services().books:
        return plain_link(path)
    return Markup('"{}?{}={}"').format(path, FIELD, said)
