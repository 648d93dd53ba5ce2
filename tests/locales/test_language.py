"""Pages are in the language named in the URL, else the session's, else English."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from server.locales.language import load_language, load_languages
from server.web.render.pages import Pages
from tests.fakes import press_intent
from tests.web.appbrowser import AppServer, make_server

HOME = "درِ ورود"


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """Make a folder with one small catalogue, in Persian."""
    catalogue = Catalog(locale="fa")
    catalogue.add("Home", HOME)
    catalogue.add(("%(num)s older line is forgotten.", "%(num)s older"), ("یک", "چند"))
    folder = tmp_path / "fa" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "chat.po").open("wb") as file:
        write_po(file, catalogue)
    return tmp_path


def bilingual(locales: Path) -> AppServer:
    server = make_server()
    sheet = server.services.stylesheet.path
    books = {code: Pages(lang, sheet) for code, lang in load_languages(locales).items()}
    services = replace(server.services, pages_by_language=books)
    server.app.extensions["sottovoce"] = services
    return server


def test_catalogue_is_read_from_its_source(locales: Path) -> None:
    persian = load_language("fa", locales)
    assert persian.gettext("Home") == HOME
    assert persian.ngettext("%(num)s older line is forgotten.", "x", 1) == "یک"
    assert persian.gettext("not there") == "not there"
    assert (persian.direction, persian.own_name) == ("rtl", "فارسی")


def test_english_comes_first_and_needs_no_catalogue(locales: Path, tmp_path: Path) -> None:
    assert list(load_languages(locales)) == ["en", "fa"]
    assert list(load_languages(tmp_path / "none")) == ["en"]
    english = load_language("en", tmp_path / "none")
    assert (english.gettext("Home"), english.direction) == ("Home", "ltr")


async def test_start_page_lists_languages_by_their_own_names(locales: Path) -> None:
    server = bilingual(locales)
    links = (await server.browser().get("/")).page.links
    assert links["فارسی"] == "/?lang=fa"
    links = (await server.browser().get("/?lang=fa")).page.links
    assert links["English"] == "/?lang=en"
    assert "فارسی" not in links


async def test_language_in_the_url_is_kept_in_links_without_a_cookie(locales: Path) -> None:
    reply = await bilingual(locales).browser().get("/safety?lang=fa")
    assert reply.body.startswith(b"<!doctype html><html lang=fa dir=rtl>")
    assert reply.page.links[HOME] == "/?lang=fa"
    assert "set-cookie" not in reply.headers
    start_page = await bilingual(locales).browser().get("/?lang=fa")
    assert start_page.page.form("/pair?lang=fa").fields["token"]


@pytest.mark.parametrize("query", ["?lang=xx", "?lang=", "?lang=fa%00", "?lang=../fa", "?x=fa"])
async def test_unknown_language_in_the_url_falls_back_to_english(locales: Path, query: str) -> None:
    reply = await bilingual(locales).browser().get(f"/safety{query}")
    assert reply.status == 200
    assert reply.body.startswith(b"<!doctype html><html lang=en>")


async def test_new_session_keeps_the_language_of_the_start_page(locales: Path) -> None:
    server = bilingual(locales)
    browser = server.browser()
    form = (await browser.get("/?lang=fa")).page.form("/pair?lang=fa")
    waiting = await browser.submit(form, intent="talk")
    assert waiting.path == "/wait"
    assert b"<html lang=fa dir=rtl>" in waiting.body
    assert b"<html lang=fa dir=rtl>" in (await browser.get("/help")).body


async def test_session_can_change_its_language(locales: Path) -> None:
    server = bilingual(locales)
    browser = server.browser()
    await press_intent(browser, "talk")
    posted = await browser.post("/language", {"lang": "fa"})
    assert (posted.status, posted.headers["location"]) == (303, "/")
    assert b"<html lang=fa dir=rtl>" in (await browser.get("/wait")).body
    assert b"<html lang=en>" in (await browser.get("/wait?lang=en")).body


async def test_choice_without_a_session_goes_into_the_url_only(
    locales: Path,
) -> None:
    server = bilingual(locales)
    posted = await server.browser().post("/language", {"lang": "fa"})
    assert (posted.status, posted.headers["location"]) == (303, "/?lang=fa")
    assert "set-cookie" not in posted.headers
    assert (await server.store.counts()).sessions == 0


async def test_unknown_language_choice_is_400(locales: Path) -> None:
    posted = await bilingual(locales).browser().post("/language", {"lang": "xx"})
    assert posted.status == 400


async def test_errors_and_streams_use_the_session_language(locales: Path) -> None:
    server = bilingual(locales)
    pair = await server.pair()
    await pair.first.browser.post("/language", {"lang": "fa"})
    async with pair.first.browser.watch(f"{pair.first.path}/live") as stream:
        assert "<html lang=fa dir=rtl>" in stream.head
    async with pair.second.browser.watch(f"{pair.second.path}/live") as stream:
        assert "<html lang=en>" in stream.head
    assert b"<html lang=fa dir=rtl>" in (await pair.first.browser.get("/nowhere")).body


async def test_language_changed_on_start_page_applies_to_session() -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    start_page = await browser.get("/?lang=fa")
    form = start_page.page.form("/pair?lang=fa")
    waiting = await browser.submit(form, intent="any")
    assert "<html lang=fa dir=rtl>" in waiting.body.decode()
    form = (await browser.get("/?lang=en")).page.form("/pair?lang=en")
    assert "<html lang=en>" in (await browser.submit(form, intent="any")).body.decode()
