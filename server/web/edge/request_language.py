"""Which language a request is answered in, and what else its visitor has chosen.

What the URL says (`?lang=fa`), else what the session has chosen, else English. The URL's choice
needs no cookie and is carried in the page's links, so that links are passed on in their language.
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
    chosen = of_url() or g.settings.language
    g.language = chosen if chosen in current_services().books else SOURCE


def of_url() -> str | None:
    """The language that the URL of this request names, if it is one of ours."""
    said = request.args.get(FIELD, "")
    return said if said in current_services().books else None


def link(path: str) -> Markup:
    """Write a link of a page: with the URL's choice of language, where the URL made one."""
    said = of_url()
    if said is None:
        return plain_link(path)
    return Markup('"{}?{}={}"').format(path, FIELD, said)
