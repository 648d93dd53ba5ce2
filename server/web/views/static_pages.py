"""Pages about the service itself, and the two files that it serves."""

from __future__ import annotations

from quart import Blueprint, Response, g, request

from server import __version__
from server.core.session.departure import Departure
from server.web.downloads import Download
from server.web.edge import error_pages, headers
from server.web.edge.circuit import circuit_of_request
from server.web.edge.cookies import visitor
from server.web.edge.responses import page
from server.web.render.operator_text import text_in_language
from server.web.render.promises import KEPT, NOT_PROTECTED, PROMISES, Sentence
from server.web.services import current_services

static_pages = Blueprint("static_pages", __name__)

ARCHIVE_TYPE = "application/gzip"
SOURCE_PATH = f"/about/sottovoce-{__version__}.tar.gz"


@static_pages.get("/safety")
async def safety() -> Response:
    """Show the rules, and how to stay safe when talking to strangers."""
    services = current_services()
    own_rules = text_in_language(services.house.rules, services.language)
    return page("safety.html", own_rules=own_rules)


@static_pages.get("/privacy")
async def privacy() -> Response:
    """Show what is kept, where, for how long, and what is not protected."""
    services = current_services()

    def render(sentence: Sentence) -> str:
        numbers = {name: services.language.number(n) for name, n in sentence.numbers.items()}
        return services.language.gettext(sentence.text) % numbers

    here = services.safeguards
    return page(
        "privacy.html",
        promises=[render(each) for each in PROMISES if each.holds(here)],
        not_protected=[render(each) for each in NOT_PROTECTED if each.holds(here)],
        kept=[render(each) for each in KEPT if each.holds(here)],
    )


@static_pages.get("/help")
async def usage() -> Response:
    """Show the manual for visitors."""
    return page("help.html")


@static_pages.get("/over")
async def over() -> Response:
    """Show the frame content for a conversation that has ended, with a link to the next one."""
    store, secret = current_services().store, visitor()
    if secret is None or not g.is_known:
        return page("over.html", found=None, waited=False, how="forgotten")
    how = await store.departure(secret, None) or Departure.ENDED
    next_chat_id = (await store.match_state(secret)).chat_id
    return page("over.html", found=next_chat_id, waited=False, how=how.value)


@static_pages.get("/cookies")
async def cookies() -> Response:
    """Show what to change in a browser that refuses our cookie; the same for everybody."""
    return page("cookies.html")


@static_pages.get("/about")
async def about() -> Response:
    """Show what the program is, a link to its running source, and the tests of its promises."""
    services = current_services()
    return page(
        "about.html",
        source=SOURCE_PATH,
        kib=len(services.source_archive) // 1024,
        tests=[each.test for each in PROMISES if each.holds(services.safeguards)],
    )


@static_pages.get(SOURCE_PATH)
async def source() -> Response:
    """Serve the running program's source as an archive, to a few visitors at once."""
    services, circuit = current_services(), circuit_of_request()
    archive = services.source_archive
    if request.method == "HEAD":
        return Response(archive, 200, headers.UNCHANGING, content_type=ARCHIVE_TYPE)
    if not services.downloads.has_place(circuit):
        return error_pages.failure_page(error_pages.TOO_MANY_DOWNLOADS)
    download = Download(archive, 200, headers.UNCHANGING, content_type=ARCHIVE_TYPE)
    services.downloads.begin(download, circuit)
    return download


@static_pages.get("/<name>.css")
async def stylesheet(name: str) -> Response:
    """Serve the stylesheet under the URL with its hash; any other name is a 404."""
    sheet = current_services().stylesheet
    if sheet.path != f"/{name}.css":
        return error_pages.failure_page(error_pages.NOT_FOUND)
    return Response(sheet.body, 200, headers.UNCHANGING, content_type="text/css; charset=utf-8")
