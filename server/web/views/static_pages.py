"""Pages about the house itself, and the two files it gives out."""

from __future__ import annotations

from quart import Blueprint, Response

from server import __version__
from server.web.edge import error_pages, headers
from server.web.edge.cookies import visitor
from server.web.edge.responses import page
from server.web.render.promises import KEPT, NOT_PROTECTED, PROMISES, Sentence
from server.web.services import current_services

static_pages = Blueprint("static_pages", __name__)

SOURCE_PATH = f"/about/sottovoce-{__version__}.tar.gz"


@static_pages.get("/safety")
async def safety() -> Response:
    """What keeps a person safe when talking to strangers."""
    return page("safety.html")


@static_pages.get("/privacy")
async def privacy() -> Response:
    """What is kept, where, for how long, and what is not protected."""
    serving = current_services()

    def told(sentence: Sentence) -> str:
        numbers = {name: serving.language.number(n) for name, n in sentence.numbers.items()}
        return serving.language.gettext(sentence.text) % numbers

    here = serving.safeguards
    return page(
        "privacy.html",
        promises=[(told(each), each.test) for each in PROMISES if each.holds(here)],
        not_protected=[told(each) for each in NOT_PROTECTED if each.holds(here)],
        kept=[told(each) for each in KEPT],
    )


@static_pages.get("/help")
async def usage() -> Response:
    """How each thing is done."""
    return page("help.html")


@static_pages.get("/over")
async def over() -> Response:
    """What a frame shows in the place of a conversation that is gone, and the way to the next."""
    store, secret = current_services().store, visitor()
    found = None
    if secret is not None and await store.is_known(secret):
        found = (await store.match_state(secret)).chat_id
    return page("over.html", found=found)


@static_pages.get("/cookies")
async def cookies() -> Response:
    """What to change in a browser that keeps no cookie of ours; the same for everybody."""
    return page("cookies.html")


@static_pages.get("/about")
async def about() -> Response:
    """What this is, and its running source."""
    return page(
        "about.html", source=SOURCE_PATH, kib=len(current_services().source_archive) // 1024
    )


@static_pages.get(SOURCE_PATH)
async def source() -> Response:
    """The running program's source as an archive."""
    return Response(
        current_services().source_archive,
        200,
        headers.UNCHANGING,
        content_type="application/gzip",
    )


@static_pages.get("/<name>.css")
async def stylesheet(name: str) -> Response:
    """The one stylesheet, under the URL that carries its hash; any other is not there."""
    sheet = current_services().stylesheet
    if sheet.path != f"/{name}.css":
        return error_pages.failure_page(error_pages.NOT_FOUND)
    return Response(sheet.body, 200, headers.UNCHANGING, content_type="text/css; charset=utf-8")
