"""Pages are offered in the languages that the operator chose; the first is the default."""

from __future__ import annotations

from dataclasses import replace

from server.core.ids import Secret
from server.locales.language import offered_languages
from server.web.render.pages import Pages
from tests.fakes import press_intent

from .appbrowser import AppServer, make_server


def server_in(*codes: str) -> AppServer:
    server = make_server()
    sheet = server.services.stylesheet.path
    pages = {code: Pages(lang, sheet) for code, lang in offered_languages(codes).items()}
    server.app.extensions["sottovoce"] = replace(server.services, pages_by_language=pages)
    return server


async def test_first_language_is_that_of_whoever_has_chosen_none() -> None:
    browser = server_in("fa", "en").browser()
    for path in ("/", "/blank", "/chat/nothing", "/nowhere"):
        assert "<html lang=fa" in (await browser.get(path)).body.decode()
    door = (await browser.get("/?lang=en")).body.decode()
    assert "<html lang=en" in door
    assert 'href="/?lang=fa"' in door


async def test_language_that_is_not_offered_is_neither_linked_nor_taken() -> None:
    browser = server_in("fa").browser()
    door = (await browser.get("/?lang=en")).body.decode()
    assert "<html lang=fa" in door
    assert "?lang=" not in door
    await press_intent(browser, "talk")
    await browser.post("/language", {"lang": "en"})
    assert "<html lang=fa" in (await browser.get("/")).body.decode()


async def test_page_after_a_restart_is_in_the_offered_languages_only() -> None:
    of_earlier_start = f"__Host-s={Secret.new().to_cookie()}"
    page = await server_in("fa").browser(cookie=of_earlier_start).get("/wait")
    assert page.status == 404
    assert "<html lang=fa" in page.body.decode()
    assert "lang=en" not in page.body.decode()
