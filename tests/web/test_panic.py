"""Panic: one press deletes everything of the visitor, on the server and on the screen."""

from __future__ import annotations

import pytest

from server.store.contract.chat import Counts
from tests.fakes import press_intent

from .appbrowser import AppServer, make_server

EMPTY_STORE = Counts(sessions=0, waiting=0, conversations=0, streams=0)


async def press(server: AppServer, cookie: str) -> bytes:
    reply = await server.browser(cookie=cookie).request("POST", "/panic")
    assert (reply.status, reply.body, reply.headers["location"]) == (303, b"", "/blank")
    page = await server.browser().get("/blank")
    assert page.status == 200
    return page.body


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
    for headers in ({}, {"sec-fetch-site": "same-origin"}):
        after = await pair.first.browser.request("GET", "/blank", headers=headers)
        assert after.headers["clear-site-data"] == '"cache", "cookies"'
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
    assert (reply.status, reply.headers["location"]) == (303, "/blank")
    assert not {"clear-site-data", "set-cookie"} & reply.headers.keys()
    assert await server.store.counts() == before
    assert (await browser.get(pair.first.path)).status == 200
    # A form of our own does all of it, also from a browser that sends neither header.
    for own in ({"sec-fetch-site": "same-origin"}, {"origin": "http://sottovoce"}, {}):
        reply = await browser.request("POST", "/panic", headers=own)
        assert {"clear-site-data", "set-cookie"} <= reply.headers.keys()
    assert (await server.store.counts()).sessions == before.sessions - 1


@pytest.mark.checklist(14)
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_link_from_elsewhere_to_the_dull_page_clears_nothing(site: str) -> None:
    server = make_server()
    own = await server.browser().get("/blank")
    reply = await server.browser().request("GET", "/blank", headers={"sec-fetch-site": site})
    assert (reply.status, reply.body) == (200, own.body)
    assert "clear-site-data" not in reply.headers


async def test_dull_page_does_not_clear_the_cookie_of_a_new_session() -> None:
    pair = await make_server().pair()
    reply = await pair.first.browser.get("/blank")
    assert not {"clear-site-data", "set-cookie"} & reply.headers.keys()


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
    for word in ("sottovoce", "chat", "talk", "conversation", "panic", "room", "<form", "<link"):
        assert word not in page
    assert page.count("href=") == 1
    assert "<a href=/ target=_top>start page</a>" in page


AFTER_THE_ID = (
    *("", "/live", "/live?after=x", "/plain", "/plain?every=10", "/composer", "/moved", "/people"),
    *("/report", "/wrong", "/read", "/leave", "/messages", "/nothing/here", "/?lang=fa"),
)


async def test_urls_of_conversations_without_a_session_show_the_dull_page() -> None:
    server = make_server()
    pair = await server.pair()
    await pair.first.send("what nobody may see")
    unknown, dull = pair.first.browser.cookie, await press(server, pair.first.browser.cookie)
    headers = None
    for cookie in ("", unknown, pair.first.browser.cookie):
        visitor = server.browser(cookie=cookie)
        for base in (pair.first.path, "/chat/none", "/knock/none", "/knock/" + "A" * 22):
            for after in AFTER_THE_ID:
                reply = await visitor.get(base + after)
                assert (reply.status, reply.body) == (404, dull), base + after
                assert headers in (None, reply.headers), base + after
                headers = reply.headers


async def test_buttons_of_a_conversation_without_a_session_get_the_dull_page() -> None:
    server = make_server()
    pair = await server.pair()
    dull = await press(server, pair.first.browser.cookie)
    for after in ("/leave", "/next", "/never", "/here"):
        reply = await pair.first.browser.post(pair.first.path + after, {})
        assert (reply.status, reply.body) == (403, dull)
    assert (await server.browser().post(pair.first.path + "/live", {})).body == dull


@pytest.mark.parametrize("referer", ["http://sottovoce/", "http://sottovoce/rooms"])
async def test_back_after_panic_does_not_look_like_a_refused_cookie(referer: str) -> None:
    server = make_server()
    pair = await server.pair()
    dull = await press(server, pair.first.browser.cookie)
    headers = {"referer": referer, "sec-fetch-site": "same-origin"}
    reply = await server.browser().request("GET", pair.first.path, headers=headers)
    assert (reply.status, reply.body) == (404, dull)
    # A browser that refuses our cookie does not count this place as secure: no such field.
    reply = await server.browser().request("GET", pair.first.path, headers={"referer": referer})
    assert "dom.securecontext.allowlist_onions" in reply.page.text


async def test_frames_of_another_conversation_show_one_sentence() -> None:
    server = make_server()
    pair, other = await server.pair(), await server.pair()
    for path in ("/live", "/composer", "/moved"):
        reply = await pair.first.browser.get(other.first.path + path)
        page = reply.body.decode()
        assert reply.status == 404
        assert "This page does not exist" in reply.page.text
        assert page.count("<a ") == page.count("target=_top") == 1
        assert "<nav" not in page
        assert "<form" not in page
    whole = await pair.first.browser.get(other.first.path)
    assert whole.status == 404
    assert whole.page.form("/panic").action == "/panic"


async def test_home_page_says_once_that_a_conversation_was_left() -> None:
    sentence = "You have left the conversation"
    pair = await make_server().pair()
    visitor = pair.first.browser
    assert sentence not in (await visitor.get("/")).page.text
    form = (await visitor.get(pair.first.path)).page.form(f"{pair.first.path}/leave")
    assert "just left a conversation" not in (await visitor.get("/mine")).page.text
    home = await visitor.submit(form)
    assert home.path == "/"
    assert sentence in home.page.text
    assert sentence not in (await visitor.get("/")).page.text
    assert sentence not in (await pair.second.browser.get("/")).page.text


async def test_what_a_new_conversation_follows_is_not_told_any_more() -> None:
    server = make_server()
    pair = await server.pair()
    visitor = pair.first.browser
    form = (await visitor.get(pair.first.path)).page.form(f"{pair.first.path}/leave")
    await visitor.post(form.action, form.fields)
    assert "just left a conversation" in (await visitor.get("/mine")).page.text
    rooms = (await visitor.get("/rooms")).page
    await visitor.submit(next(form for form in rooms.forms if form.action.endswith("/join")))
    assert "You have left" not in (await visitor.get("/")).page.text


async def test_window_whose_wait_was_displaced_is_told_so_once() -> None:
    server = make_server()
    waiting = [server.browser(circuit="a") for _ in range(3)]
    for visitor in waiting:
        await press_intent(visitor, "listen")
    homes = [await visitor.get("/wait") for visitor in waiting]
    told = ["You no longer wait" in reply.page.text for reply in homes]
    assert [reply.path for reply in homes].count("/") == told.count(True) == 1
    again = await waiting[told.index(True)].get("/")
    assert "You no longer wait" not in again.page.text


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
