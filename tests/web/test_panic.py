"""Panic: one press deletes everything of the visitor, on the server and on the screen."""

from __future__ import annotations

import pytest

from server.store.contract.chat import Counts
from tests.fakes import press_intent

from .appbrowser import AppServer, make_server

EMPTY_STORE = Counts(sessions=0, waiting=0, conversations=0, streams=0)


async def press(server: AppServer, cookie: str) -> bytes:
    reply = await server.browser(cookie=cookie).request("POST", "/panic")
    assert reply.status == 200
    return reply.body


@pytest.mark.checklist(12)
async def test_session_and_conversation_are_deleted_at_once() -> None:
    server = make_server()
    pair = await server.pair()
    await press(server, pair.first.browser.cookie)
    assert not (await server.browser(cookie=pair.first.browser.cookie).get("/")).page.links.get(
        "Go back to your conversation"
    )
    assert (await pair.second.lines())[-1].event == "left"
    await press(server, pair.second.browser.cookie)
    assert await server.store.counts() == EMPTY_STORE


@pytest.mark.checklist(12)
async def test_ticket_of_a_waiting_visitor_is_deleted_at_once() -> None:
    server = make_server()
    waiting = server.browser()
    await press_intent(waiting, "talk")
    await press(server, waiting.cookie)
    assert await server.store.counts() == EMPTY_STORE


@pytest.mark.checklist(11, 12)
async def test_browser_is_instructed_to_drop_pages_and_cookie() -> None:
    server = make_server()
    pair = await server.pair()
    reply = await pair.first.browser.request("POST", "/panic")
    assert reply.headers["clear-site-data"] == '"cache", "cookies"'
    name, _, attributes = reply.headers["set-cookie"].partition(";")
    assert name == "__Host-s="
    assert "Max-Age=0" in attributes
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} < {
        part.strip() for part in attributes.split(";")
    }


@pytest.mark.checklist(14)
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://elsewhere.onion"},
        {"origin": "null"},
    ],
    ids=str,
)
async def test_form_from_elsewhere_clears_and_forgets_nothing(headers: dict[str, str]) -> None:
    server = make_server()
    pair = await server.pair()
    browser, before = pair.first.browser, await server.store.counts()
    reply = await browser.request("POST", "/panic", headers=headers)
    assert (reply.status, reply.body) == (200, (await server.browser().get("/blank")).body)
    assert not {"clear-site-data", "set-cookie"} & reply.headers.keys()
    assert await server.store.counts() == before
    assert (await browser.get(pair.first.path)).status == 200
    # A form of our own does all of it, also from a browser that sends neither header.
    for own in ({"sec-fetch-site": "same-origin"}, {"origin": "http://sottovoce"}, {}):
        reply = await browser.request("POST", "/panic", headers=own)
        assert {"clear-site-data", "set-cookie"} <= reply.headers.keys()
    assert (await server.store.counts()).sessions == before.sessions - 1


@pytest.mark.parametrize("cookie", ["", "__Host-s=" + "A" * 43, "__Host-s=x"])
async def test_page_is_the_same_with_and_without_a_session(cookie: str) -> None:
    server = make_server()
    pair = await server.pair()
    page = await press(server, pair.first.browser.cookie)
    assert await press(server, cookie) == page
    assert (await server.browser().get("/blank")).body == page


async def test_page_does_not_mention_chat() -> None:
    server = make_server()
    page = (await press(server, "")).decode().lower()
    for word in ("sottovoce", "chat", "talk", "conversation", "panic", "<a ", "<form"):
        assert word not in page


async def test_pages_of_the_old_chat_reveal_nothing_after_panic() -> None:
    server = make_server()
    pair = await server.pair()
    await pair.first.send("what nobody may see")
    await pair.first.browser.request("POST", "/panic")
    for path in ("", "/live", "/plain", "/composer", "/moved"):
        reply = await pair.first.browser.get(pair.first.path + path)
        assert reply.status == 404
        assert "what nobody may see" not in reply.page.text
        assert "sottovoce" not in (reply.page.title + reply.page.text).lower()


async def test_open_stream_goes_blank() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?after=1") as stream:
        await press(server, pair.first.browser.cookie)
        assert "url=/blank" in await stream.event()


async def test_open_waiting_page_goes_blank() -> None:
    server = make_server()
    waiting = server.browser()
    await press_intent(waiting, "talk")
    async with waiting.watch("/wait/live") as stream:
        await press(server, waiting.cookie)
        assert "url=/blank" in await stream.event()


@pytest.mark.parametrize("path", ["/", "/pair", "/wait", "/safety", "/privacy", "/help", "/about"])
async def test_panic_button_is_first_in_keyboard_order(path: str) -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    page = (await browser.get(path)).body.decode()
    assert min(page.find(tag) for tag in ("<button", "<a ", "<input") if tag in page) == page.find(
        "<button", page.find("action=/panic")
    )


async def test_panic_button_in_the_chat_is_the_last_of_the_page_after_the_field() -> None:
    pair = await make_server().pair()
    page = (await pair.first.browser.get(pair.first.path)).body.decode()
    before, _, after = page.partition("action=/panic")
    assert "<iframe name=c" in before
    assert "<a " not in after
    assert after.count("<button") == 1
    plain = await pair.first.browser.get(f"{pair.first.path}/plain")
    assert plain.page.form("/panic").action == "/panic"


async def test_page_is_the_same_in_every_language() -> None:
    server = make_server()
    browser = server.browser()
    form = (await browser.get("/pair?lang=fa")).page.form("/pair?lang=fa")
    await browser.submit(form, intent="any")
    persian = (await browser.get("/mine")).body.decode()
    assert "lang=fa" in persian
    assert await press(server, browser.cookie) == await press(server, "")
