"""A closed server says so, calmly and in the visitor's language; a drain is told inside."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server.core.admission.closing import OPEN, Closing
from server.core.cells import pad_to_cells
from server.demo.text_browser import Reply
from server.locales.language import load_languages
from server.web import admission
from tests.failures import Failures
from tests.fakes import join_room, press_intent

from .appbrowser import AppBrowser, AppServer, make_server
from .asking import PreparedRequest
from .routes import ROUTES
from .test_ready_pages import COOKIES, Layers, ask, status_of
from .ways import WAYS
from .ways import ask as ask_way

WORDS = 'Back <b>soon</b> & "well": http://example.org'
SHOWN = "Back &lt;b&gt;soon&lt;/b&gt; &amp; &#34;well&#34;: http://example.org</blockquote>"
READABLE = ("/safety", "/privacy", "/help", "/about", "/cookies")
CLOSED_PAGES = ("/", "/pair", "/rooms", "/rooms/new")


def closed(server: AppServer, for_s: float = 1_800, words: str = WORDS) -> Closing:
    return OPEN.closed(server.clock() + for_s, words)


def draining(server: AppServer, for_s: float = 900) -> Closing:
    return OPEN.draining(server.clock() + for_s)


async def inside(server: AppServer) -> AppBrowser:
    """Create a visitor with a session, who waits."""
    browser = server.browser()
    await press_intent(browser, "talk")
    return browser


def check_closed(reply: Reply) -> None:
    assert reply.status == 503
    assert "data-problem=closed" in reply.body.decode()
    assert "set-cookie" not in reply.headers


async def test_somebody_new_reads_why_and_until_when_in_their_language() -> None:
    server = make_server()
    await server.store.set_closing(closed(server))
    with Failures() as failures:
        for code, language in load_languages().items():
            for path in CLOSED_PAGES:
                with failures.of(f"{path}, {code}"):
                    reply = await server.browser().get(f"{path}?lang={code}")
                    body = reply.body.decode()
                    check_closed(reply)
                    assert reply.headers["retry-after"] == "1800"
                    assert reply.headers["cache-control"] == "no-store"
                    assert f"<html lang={code}" in body
                    assert language.gettext("Closed now") in body
                    assert str(language.number(30)) in body
                    assert f"<blockquote dir=auto>{SHOWN}" in body
                    assert "action=/panic" in body
                    assert "href=http" not in body


async def test_closed_page_without_words_has_no_place_for_them() -> None:
    server = make_server()
    await server.store.set_closing(closed(server, words=""))
    assert "blockquote" not in (await server.browser().get("/")).body.decode()


async def test_what_is_not_an_entrance_stays_as_it_was() -> None:
    server = make_server()
    others = {route for route in ROUTES if route.startswith("GET ")}
    paths = [route.removeprefix("GET ") for route in others if "<" not in route]
    before = {path: await server.browser().get(path) for path in sorted(paths)}
    await server.store.set_closing(closed(server))
    with Failures() as failures:
        for path, reply in before.items():
            with failures.of(path):
                now = await server.browser().get(path)
                if reply.path in CLOSED_PAGES:
                    check_closed(now)
                else:
                    assert (now.status, now.body) == (reply.status, reply.body)
    for path in READABLE:
        assert (await server.browser().get(path)).status == 200
    dull = await server.browser().get("/chat/abcdefghijkl")
    assert (dull.status, b"losed" in dull.body) == (404, False)
    assert (await server.browser().post("/panic", {})).status == 303


@pytest.mark.parametrize("route", [route for route in WAYS if WAYS[route].is_first])
async def test_first_form_is_answered_with_the_closed_page(route: str) -> None:
    prepared = await WAYS[route].prepare()
    store = prepared.server.store
    before = (await store.counts()).sessions
    await store.set_closing(closed(prepared.server))
    for fields in (prepared.fields, {**prepared.fields, "token": "of yesterday"}):
        check_closed(await ask_way(route, with_fields(prepared, fields)))
    assert (await store.counts()).sessions == before


def with_fields(prepared: PreparedRequest, fields: Mapping[str, str]) -> PreparedRequest:
    return PreparedRequest(prepared.server, prepared.browser, prepared.path, fields)


async def test_every_first_form_and_its_page_is_an_entrance() -> None:
    rules = {rule.endpoint: rule for rule in make_server().app.url_map.iter_rules()}
    firsts = {f"POST {rules[name].rule}" for name in admission.ENTRANCES} & WAYS.keys()
    assert {route for route in WAYS if WAYS[route].is_first} <= firsts


async def test_visitor_with_a_session_notices_nothing_of_a_closing() -> None:
    server = make_server()
    browser = await inside(server)
    await server.store.set_closing(closed(server))
    for path in (*CLOSED_PAGES, *READABLE, "/wait"):
        reply = await browser.get(path)
        assert (reply.status, b"data-problem" in reply.body) == (200, False), path
    await (await join_room(browser)).send("still here")
    talker = await join_room(browser)
    assert await talker.texts() == ["still here"]


async def test_closed_page_is_made_once_and_never_out_of_date() -> None:
    layers = Layers()
    server = layers.server
    await server.store.set_closing(closed(server))
    for path in CLOSED_PAGES:
        for cookie in COOKIES:
            answer = await layers.check("GET", path, {"cookie": cookie})
            assert status_of(answer) == 503
    await layers.check("HEAD", "/")
    layers.requests.clear()
    for _ in range(20):
        await layers.get("/")
    assert layers.requests == []
    seen = dict[str, None]()
    for _ in range(1_810 // 10):
        server.clock.advance(10)
        await server.store.sweep()
        head, _ = await ask(layers.through, "GET", "/")
        headers = {bytes(name): bytes(value) for name, value in head["headers"]}
        seen[headers.get(b"retry-after", b"open").decode()] = None
    assert list(seen) == ["1800", "1200", "900", "600", "300", "240", "180", "120", "60", "open"]


async def test_drain_turns_away_somebody_new_and_says_that_it_restarts() -> None:
    server = make_server()
    await server.store.set_closing(draining(server))
    reply = await server.browser().get("/")
    check_closed(reply)
    assert "This server restarts soon" in reply.page.text
    assert "in about 15 minutes" in reply.page.text


@pytest.mark.parametrize("lang", ["en", "fa"])
async def test_drain_is_one_cell_in_the_stream_and_stands_in_the_plain_view(lang: str) -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    await browser.post("/language", {"lang": lang})
    async with browser.watch(f"{pair.first.path}/live") as stream:
        await stream.event()
        await server.store.set_closing(draining(server))
        cells = [await stream.event()]
        await server.store.set_closing(OPEN)
        cells.append(await stream.event())
    for cell, event in zip(cells, ("restart", "no-restart"), strict=True):
        assert f"data-event={event}>" in cell
        assert len(cell.encode()) == len(pad_to_cells(b""))
    for view in ("/plain", "/plain?every=30"):
        body = (await browser.get(f"{pair.first.path}{view}")).body.decode()
        assert "data-event=restart>" in body
        assert "data-event=no-restart>" in body


async def test_waiting_visitor_is_led_to_a_page_that_says_why() -> None:
    server = make_server()
    browser = await inside(server)
    async with browser.watch("/wait/live") as stream:
        await server.store.set_closing(draining(server))
        assert "0;url=/" in await stream.event()
    page = (await browser.get("/wait")).page
    assert "This server restarts, in about 15 minutes at the latest." in page.text
    assert "Go back to waiting" not in page.text


@pytest.mark.parametrize("button", ["next", "never"])
async def test_next_in_a_drain_leaves_and_says_that_nothing_begins(button: str) -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    page = (await browser.get(pair.first.path)).page
    await server.store.set_closing(draining(server))
    form = page.form(f"/{button}")
    first = await browser.post(form.action, form.fields)
    assert (first.status, first.body) == (303, b"")
    reply = await browser.get(first.headers["location"])
    assert reply.path.startswith("/wait/pause")
    assert "data-problem=restart" in reply.body.decode()
    assert (await browser.get(pair.first.path)).status == 404
    assert "has left" in (await pair.second.browser.get(f"{pair.second.path}/plain")).page.text


async def test_forms_of_those_inside_are_refused_by_a_redirect_in_a_drain() -> None:
    server = make_server()
    browser = await inside(server)
    pages = {path: (await browser.get(path)).page for path in ("/pair", "/rooms", "/rooms/new")}
    await server.store.set_closing(draining(server))
    for path, action, typed in (
        ("/pair", "/pair", {"intent": "talk"}),
        ("/rooms", "/rooms/common/join", {}),
        ("/rooms", "/invite", {"code": "one two three four"}),
        ("/rooms/new", "/rooms/new", {"title": "Tea at five"}),
    ):
        form = pages[path].form(action)
        reply = await browser.post(form.action, {**form.fields, **typed})
        assert (reply.status, reply.body) == (303, b""), action
        shown = (await browser.get(reply.headers["location"])).body.decode()
        assert "data-problem=restart" in shown, action
        assert all(text in shown for text in typed.values()), action


async def test_session_that_ends_while_closed_does_not_come_back() -> None:
    server = make_server()
    browser = await inside(server)
    await server.store.set_closing(closed(server))
    form = (await browser.get("/")).page.form("/pair")
    await browser.post("/panic", {})
    check_closed(await browser.post(form.action, {**form.fields, "intent": "talk"}))
    check_closed(await browser.get("/"))


async def test_gateway_reads_its_own_page_also_while_closed() -> None:
    server = make_server()
    await server.store.set_closing(closed(server))
    reply = await server.browser(via="1.1 x").get("/")
    assert (reply.status, b"losed" in reply.body) == (403, False)
