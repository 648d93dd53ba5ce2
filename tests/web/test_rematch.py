"""Two members who were cut off meet again with a code each, in any browser, within a day."""

from __future__ import annotations

import re

import pytest

from server.core.limits import MAX_REMATCH_CODES, SESSION_SILENCE_S
from server.demo.text_browser import Reply
from tests.fakes import ChatPair, Talker

from .appbrowser import AppBrowser, AppServer, make_server


async def ask_for_code(talker: Talker[AppBrowser]) -> tuple[str, str]:
    """Press the button on the page "More"; return the code in words and in digits."""
    more = (await talker.browser.get(f"{talker.path}/people")).page
    shown = await talker.browser.submit(more.form("/again"))
    assert shown.status == 200
    html = shown.body.decode()
    found = re.search(r"<output id=again dir=ltr>([a-z-]+)<br>([\d-]+)</output>", html)
    assert found is not None
    return found[1], found[2]


async def enter(browser: AppBrowser, code: str) -> Reply:
    form = (await browser.get("/rooms")).page.form("/invite")
    return await browser.submit(form, code=code)


async def cut_off(server: AppServer) -> tuple[str, str]:
    """Let two members get codes and expire; return one code in words, the other in digits."""
    pair = await server.pair()
    (words, _), (_, digits) = await ask_for_code(pair.first), await ask_for_code(pair.second)
    server.clock.advance(SESSION_SILENCE_S + 1)
    await server.store.sweep()
    assert (await server.store.counts()).sessions == 0
    return words, digits


async def test_both_return_in_fresh_browsers_and_meet() -> None:
    server = make_server()
    words, digits = await cut_off(server)
    one, other = server.browser(), server.browser()
    waiting = await enter(one, words)
    assert waiting.path == "/wait"
    assert "Waiting for the person you know" in waiting.page.text
    came = await enter(other, digits)
    found = await one.get("/wait")
    assert found.path.startswith("/chat/")
    pair = ChatPair(Talker(one, found.path), Talker(other, came.path))
    await pair.first.send("you again")
    assert await pair.second.texts() == ["you again"]


async def test_code_works_once() -> None:
    server = make_server()
    words, digits = await cut_off(server)
    await enter(server.browser(), words)
    assert (await enter(server.browser(), digits)).path.startswith("/chat/")
    again = await enter(server.browser(), words)
    assert again.status == 404
    assert again.page.form("/invite").fields["code"] == words


async def test_one_code_entered_twice_counts_once() -> None:
    server = make_server()
    words, digits = await cut_off(server)
    first, second = server.browser(), server.browser()
    await enter(first, words)
    assert (await enter(second, words)).path == "/wait"
    assert (await first.get("/wait")).path == "/"
    await enter(server.browser(), digits)
    assert (await second.get("/wait")).path.startswith("/chat/")


async def test_waiting_for_a_rematch_offers_no_room() -> None:
    server = make_server()
    words, _ = await cut_off(server)
    browser = server.browser()
    await enter(browser, words)
    server.clock.advance(150)
    page = (await browser.get("/wait")).page
    assert not [form for form in page.forms if form.action.endswith("/join")]
    assert (await browser.submit(page.form("/cancel"))).path == "/"


async def test_partner_is_notified_once_and_has_the_button_too() -> None:
    pair = await make_server().pair()
    for _ in range(2):
        await ask_for_code(pair.first)
    assert [line.event for line in await pair.second.lines()] == ["joined", "again"]
    more = (await pair.second.browser.get(f"{pair.second.path}/people")).page
    assert more.form("/again").fields["token"]


@pytest.mark.checklist(13)
async def test_code_is_shown_again_on_its_own_page_only() -> None:
    pair = await make_server().pair()
    words, digits = await ask_for_code(pair.first)
    again = await pair.first.browser.get(f"{pair.first.path}/again")
    assert words in again.body.decode()
    assert digits in again.body.decode()
    theirs = await pair.second.browser.get(f"{pair.second.path}/again")
    assert "You have no valid code" in theirs.page.text
    for path in ("", "/people", "/plain"):
        reply = await pair.first.browser.get(f"{pair.first.path}{path}")
        assert words not in reply.body.decode()
        assert digits not in reply.body.decode()


async def test_panic_cancels_the_partners_code_too() -> None:
    server = make_server()
    pair = await server.pair()
    (mine, _), (theirs, _) = await ask_for_code(pair.first), await ask_for_code(pair.second)
    page = (await pair.first.browser.get(pair.first.path)).page
    await pair.first.browser.submit(page.form("/panic"))
    for code in (mine, theirs):
        assert (await enter(server.browser(), code)).status == 404


async def test_foreign_form_issues_no_code() -> None:
    pair = await make_server().pair()
    reply = await pair.first.browser.send(f"{pair.first.path}/again", {})
    assert reply.status == 403


async def test_no_code_is_issued_after_the_partner_has_left() -> None:
    pair = await make_server().pair()
    more = (await pair.first.browser.get(f"{pair.first.path}/people")).page
    await pair.second.press("leave")
    assert (await pair.first.browser.submit(more.form("/again"))).status == 410


async def test_codes_of_one_session_are_limited() -> None:
    server = make_server()
    browser = server.browser()
    for number in range(MAX_REMATCH_CODES + 1):
        pair = await ChatPair.meet(server.browser(), browser)
        await pair.first.send(f"{number}")
        more = (await browser.get(f"{pair.second.path}/people")).page
        theirs = (await pair.first.browser.get(f"{pair.first.path}/people")).page
        await pair.first.browser.submit(theirs.form("/again"))
        shown = await browser.submit(more.form("/again"))
        assert shown.status == (200 if number < MAX_REMATCH_CODES else 409)
        server.clock.advance(60)
