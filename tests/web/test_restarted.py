"""Whoever has a cookie of an earlier start reads that everything is forgotten, and has a way on."""

from __future__ import annotations

import pytest

from server.core.ids import Secret

from .appbrowser import make_server

OTHERS = f"__Host-s={Secret.new().to_cookie()}"


@pytest.mark.parametrize(
    "path",
    [
        *("/chat/AAAAAAAAAAAA", "/chat/AAAAAAAAAAAA/live?after=3", "/chat/AAAAAAAAAAAA/composer"),
        *("/chat/AAAAAAAAAAAA/plain", "/chat/x/no/such/route", "/knock/AAAAAAAAAAAA", "/wait"),
        "/wait/live",
    ],
)
async def test_page_says_it_in_every_language_and_leads_to_the_start(path: str) -> None:
    server = make_server()
    answer = await server.browser(cookie=OTHERS).request("GET", path)
    body = answer.body.decode()
    assert answer.status == 404
    assert "This server was started again" in body
    assert "<div lang=fa dir=rtl>" in body
    assert body.count("target=_top") == body.count("href=") == 2
    assert "Sottovoce" not in body


async def test_button_of_a_conversation_says_it_too() -> None:
    server = make_server()
    answer = await server.browser(cookie=OTHERS).request("POST", "/chat/AAAAAAAAAAAA/leave")
    assert answer.status == 403
    assert b"This server was started again" in answer.body


async def test_typed_words_stay_to_be_copied() -> None:
    server, before = make_server(), make_server()
    pair = await before.pair()
    form = (await pair.first.browser.get(f"{pair.first.path}/composer")).page.form("/messages")
    answer = await server.browser(cookie=pair.first.browser.cookie).submit(form, text="see you")
    assert answer.status == 403
    assert "see you" in answer.page.text


@pytest.mark.checklist(12)
async def test_session_that_ended_in_this_start_leaves_the_dull_page() -> None:
    server = make_server()
    pair = await server.pair()
    cookie = pair.first.browser.cookie
    await server.browser(cookie=cookie).request("POST", "/panic")
    # The answer to the press may have been lost, and the browser still have its cookie.
    for each in (cookie, ""):
        answer = await server.browser(cookie=each).request("GET", pair.first.path)
        assert answer.status == 404
        assert "This page is empty" in answer.body.decode()


async def test_other_pages_do_not_look_at_it() -> None:
    server = make_server()
    for path in ("/", "/rooms", "/help", "/wait/over"):
        known = await server.browser(cookie=OTHERS).request("GET", path)
        none = await server.browser().request("GET", path)
        assert known.status == none.status
        assert b"started again" not in known.body or path == "/wait/over"
