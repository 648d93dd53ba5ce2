"""Whatever the house answers, and with whatever status: no script, no trace, no way out."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from server.core.limits import COME_BURST, FREE_SKIPS, OFFER_ROOM_S, Capacity
from server.guest.textbrowser import Reply
from server.web.headers import EVERYWHERE
from tests.fakes import Talker, come_in, knock

from .appbrowser import AppBrowser, AppHouse, make_house
from .test_failures import BrokenStore

POLICY = (
    "default-src 'none';style-src 'self';frame-src 'self';form-action 'self';"
    "frame-ancestors 'self';base-uri 'none'"
)
DEFINED = {
    # Values that the standards define and that close what can be closed.
    "x-content-type-options": {"nosniff"},
    "referrer-policy": {"no-referrer", "same-origin"},
    "cross-origin-opener-policy": {"same-origin"},
    "cross-origin-resource-policy": {"same-origin"},
    "cross-origin-embedder-policy": {"require-corp"},
}
TELLING = {"server", "date", "via", "etag", "last-modified", "x-powered-by", "x-frame-options"}


async def of_door(house: AppHouse) -> Reply:
    return await house.browser().get("/")


async def of_long_form(house: AppHouse) -> Reply:
    return await house.browser().get("/pair")


async def of_cookie_refused(house: AppHouse) -> Reply:
    return await house.browser(referer="http://sottovoce/").get("/wait")


async def of_mine(house: AppHouse) -> Reply:
    pair = await house.pair()
    await pair.first.say("<script src=//x>")
    return await pair.first.browser.get("/mine")


async def of_nobodys(house: AppHouse) -> Reply:
    return await house.browser().get("/mine")


async def of_refreshing(house: AppHouse) -> Reply:
    pair = await house.pair()
    return await pair.first.browser.get(f"{pair.first.chat}/plain?every=10")


async def of_again(house: AppHouse) -> Reply:
    pair = await house.pair()
    more = (await pair.first.browser.get(f"{pair.first.chat}/people")).page
    return await pair.first.browser.submit(more.form("/again"))


async def of_offered_room(house: AppHouse) -> Reply:
    browser = house.browser()
    await knock(browser, "talk")
    house.clock.advance(OFFER_ROOM_S)
    return await browser.get("/wait")


async def of_rest(house: AppHouse) -> Reply:
    browser = house.browser()
    await knock(browser, "any")
    for _ in range(FREE_SKIPS + 1):
        await knock(house.browser(), "any")
        found = await browser.get("/wait")
        reply = await Talker(browser, found.path).press("next")
    return reply


async def of_foreign_time(house: AppHouse) -> Reply:
    return await house.browser().post("/mine/time", {"still": "10"})


async def of_waiting(house: AppHouse) -> Reply:
    return await knock(house.browser(), "talk")


async def of_moved_waiting(house: AppHouse) -> Reply:
    return await house.browser().get("/wait/moved")


async def of_chat(house: AppHouse) -> Reply:
    pair = await house.pair()
    return await pair.first.browser.get(pair.first.chat)


async def of_composer(house: AppHouse) -> Reply:
    pair = await house.pair()
    return await pair.first.browser.get(f"{pair.first.chat}/composer")


async def of_large_composer(house: AppHouse) -> Reply:
    pair = await house.pair()
    return await pair.first.browser.get(f"{pair.first.chat}/composer?lines=1")


async def of_plain(house: AppHouse) -> Reply:
    pair = await house.pair()
    await pair.second.say("<script src=//x onload=y> http://example.onion url(x) <svg>")
    return await pair.first.browser.get(f"{pair.first.chat}/plain")


async def of_moved_chat(house: AppHouse) -> Reply:
    pair = await house.pair()
    return await pair.first.browser.get(f"{pair.first.chat}/moved")


async def of_redirect(house: AppHouse) -> Reply:
    return await house.browser().request("GET", "/wait")


async def of_empty_message(house: AppHouse) -> Reply:
    return await (await house.pair()).first.say("")


async def of_bad_cursor(house: AppHouse) -> Reply:
    pair = await house.pair()
    return await pair.first.browser.get(f"{pair.first.chat}/plain?after=99")


async def of_foreign_form(house: AppHouse) -> Reply:
    return await house.browser().post("/pair", {"intent": "talk"})


async def of_foreign_message(house: AppHouse) -> Reply:
    return await house.browser().post("/chat/abcdefghijkl/messages", {"text": "words"})


async def of_nothing(house: AppHouse) -> Reply:
    return await house.browser().get("/nothing/here")


async def of_wrong_method(house: AppHouse) -> Reply:
    return await house.browser().request("POST", "/help")


async def of_other_method(house: AppHouse) -> Reply:
    return await house.browser().request("PUT", "/")


async def of_closed_chat(house: AppHouse) -> Reply:
    pair = await house.pair()
    await pair.second.press("leave")
    return await pair.first.say("hello?")


async def of_large_body(house: AppHouse) -> Reply:
    return await house.browser().request("POST", "/pair", b"a" * 20_000)


async def of_haste(house: AppHouse) -> Reply:
    pair = await house.pair()
    return [await pair.first.say(f"{n}") for n in range(6)][-1]


async def of_full_house(_house: AppHouse) -> Reply:
    return await knock(make_house(Capacity(sessions=0)).browser(), "talk")


async def of_bug(_house: AppHouse) -> Reply:
    broken = make_house(store=BrokenStore())
    return await broken.browser(cookie="__Host-s=" + "A" * 43).get("/")


async def of_safety(house: AppHouse) -> Reply:
    return await house.browser().get("/safety")


async def of_privacy(house: AppHouse) -> Reply:
    return await house.browser().get("/privacy")


async def of_help(house: AppHouse) -> Reply:
    return await house.browser().get("/help")


async def of_over(house: AppHouse) -> Reply:
    return await house.browser().get("/over")


async def of_wrong(house: AppHouse) -> Reply:
    pair = await house.pair()
    return await pair.first.browser.get(f"{pair.first.chat}/wrong")


async def of_rooms(house: AppHouse) -> Reply:
    return await house.browser().get("/rooms")


async def of_room(house: AppHouse) -> Reply:
    talker = await come_in(house.browser())
    return await talker.browser.get(talker.chat)


async def of_support_room(house: AppHouse) -> Reply:
    talker = await come_in(house.browser(), "quiet")
    return await talker.browser.get(f"{talker.chat}/plain")


async def of_people(house: AppHouse) -> Reply:
    talker = await come_in(house.browser(), "quiet")
    return await talker.browser.get(f"{talker.chat}/people")


async def of_muted(house: AppHouse) -> Reply:
    talker = await come_in(house.browser())
    await come_in(house.browser())
    await talker.say("<script src=//x> http://example.onion")
    form = (await talker.browser.get(f"{talker.chat}/people")).page.form("/mute")
    return await talker.browser.submit(form, who="2")


async def of_foreign_mute(house: AppHouse) -> Reply:
    talker = await come_in(house.browser())
    return await talker.browser.post(f"{talker.chat}/mute", {"who": "2"})


async def of_muting_nobody(house: AppHouse) -> Reply:
    talker = await come_in(house.browser())
    form = (await talker.browser.get(f"{talker.chat}/people")).page.form("/mute")
    return await talker.browser.submit(form, who="2")


async def of_foreign_delete(house: AppHouse) -> Reply:
    talker = await come_in(house.browser())
    return await talker.browser.post(f"{talker.chat}/delete", {"seq": "1"})


async def of_open_form(house: AppHouse) -> Reply:
    return await house.browser().get("/rooms/new")


async def opened(house: AppHouse, title: str = "A title") -> tuple[AppBrowser, Reply]:
    browser = house.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    return browser, await browser.submit(form, title=title)


async def of_invitation(house: AppHouse) -> Reply:
    return (await opened(house))[1]


async def of_private_room(house: AppHouse) -> Reply:
    browser, reply = await opened(house, '<script src="//x"> url(x)')
    return await browser.get(reply.page.links["To the room"])


async def of_opener(house: AppHouse) -> Reply:
    browser, reply = await opened(house)
    return await browser.get(f"{reply.page.links['To the room']}/people")


async def of_knocking(house: AppHouse) -> Reply:
    browser, reply = await opened(house)
    chat = reply.page.links["To the room"]
    form = (await browser.get(f"{chat}/people")).page.form("/host")
    await browser.submit(form, act="ask-first")
    code = reply.body.decode().partition("<output id=invitation dir=ltr>")[2].partition("<br>")[0]
    newcomer = house.browser()
    return await newcomer.submit((await newcomer.get("/rooms")).page.form("/invite"), code=code)


async def of_bad_title(house: AppHouse) -> Reply:
    return (await opened(house, ""))[1]


async def of_wrong_code(house: AppHouse) -> Reply:
    browser = house.browser()
    form = (await browser.get("/rooms")).page.form("/invite")
    return await browser.submit(form, code="<script>")


async def of_foreign_code(house: AppHouse) -> Reply:
    return await house.browser().post("/invite", {"code": "1"})


async def of_foreign_room(house: AppHouse) -> Reply:
    return await house.browser().post("/rooms/new", {"title": "x"})


async def of_foreign_host(house: AppHouse) -> Reply:
    browser, reply = await opened(house)
    return await browser.post(f"{reply.page.links['To the room']}/host", {"act": "close"})


async def of_foreign_invitation(house: AppHouse) -> Reply:
    browser, reply = await opened(house)
    return await browser.post(f"{reply.page.links['To the room']}/invitation", {"uses": "1"})


async def of_foreign_stop(house: AppHouse) -> Reply:
    return await house.browser().post("/knock/abcdefghijkl/stop", {})


async def of_no_knock(house: AppHouse) -> Reply:
    return await house.browser().get("/knock/abcdefghijkl")


async def of_joined(house: AppHouse) -> Reply:
    browser = house.browser()
    form = (await browser.get("/rooms")).page.form("/common/join")
    return await browser.post(form.action, form.fields)


async def of_foreign_join(house: AppHouse) -> Reply:
    return await house.browser().post("/rooms/common/join", {})


async def of_unknown_room(house: AppHouse) -> Reply:
    browser = house.browser()
    form = (await browser.get("/rooms")).page.form("/common/join")
    return await browser.post("/rooms/nowhere/join", form.fields)


async def of_coming_and_going(house: AppHouse) -> Reply:
    browser = house.browser()
    for _ in range(COME_BURST):
        await (await come_in(browser)).press("leave")
    form = (await browser.get("/rooms")).page.form("/common/join")
    return await browser.post(form.action, form.fields)


async def of_about(house: AppHouse) -> Reply:
    return await house.browser().get("/about")


Answer = Callable[[AppHouse], Awaitable[Reply]]
ANSWERS: dict[Answer, int] = {
    of_door: 200,
    of_long_form: 200,
    of_cookie_refused: 200,
    of_waiting: 200,
    of_mine: 200,
    of_nobodys: 200,
    of_refreshing: 200,
    of_again: 200,
    of_offered_room: 200,
    of_moved_waiting: 200,
    of_chat: 200,
    of_composer: 200,
    of_large_composer: 200,
    of_plain: 200,
    of_moved_chat: 200,
    of_over: 200,
    of_wrong: 200,
    of_rooms: 200,
    of_room: 200,
    of_support_room: 200,
    of_people: 200,
    of_muted: 200,
    of_open_form: 200,
    of_invitation: 200,
    of_private_room: 200,
    of_opener: 200,
    of_knocking: 200,
    of_safety: 200,
    of_privacy: 200,
    of_help: 200,
    of_about: 200,
    of_redirect: 303,
    of_joined: 303,
    of_empty_message: 400,
    of_bad_cursor: 400,
    of_bad_title: 400,
    of_foreign_form: 403,
    of_foreign_time: 403,
    of_foreign_message: 403,
    of_foreign_join: 403,
    of_foreign_mute: 403,
    of_foreign_code: 403,
    of_foreign_room: 403,
    of_foreign_host: 403,
    of_foreign_invitation: 403,
    of_foreign_stop: 403,
    of_foreign_delete: 403,
    of_nothing: 404,
    of_unknown_room: 404,
    of_wrong_code: 404,
    of_no_knock: 404,
    of_muting_nobody: 404,
    of_wrong_method: 405,
    of_other_method: 405,
    of_closed_chat: 410,
    of_large_body: 413,
    of_haste: 429,
    of_rest: 429,
    of_coming_and_going: 429,
    of_bug: 500,
    of_full_house: 503,
}
PAGES = [answer for answer, status in ANSWERS.items() if status == 200]
every_answer = pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)


def without_nonce(reply: Reply) -> str:
    """The policy without the one style that a page may bring along."""
    return re.sub(r" 'nonce-[\w-]{8}'", "", reply.headers["content-security-policy"])


@every_answer
async def test_answer_has_its_status_and_every_header_of_the_table(answer: Answer) -> None:
    reply = await answer(make_house())
    assert reply.status == ANSWERS[answer]
    sent = {name: reply.headers.get(name, "") for name in EVERYWHERE}
    assert {**sent, "content-security-policy": without_nonce(reply)} == dict(EVERYWHERE)
    assert reply.headers["cache-control"] == "no-store"
    assert not TELLING & set(reply.headers)


@every_answer
async def test_answer_has_no_script_and_names_nothing_outside(answer: Answer) -> None:
    reply = await answer(make_house())
    html = reply.body.decode()
    nonce = re.findall(r"'nonce-([\w-]+)'", reply.headers["content-security-policy"])
    if nonce:
        html = html.replace(f"<style nonce={nonce[0]}>", "<b>").replace("</style>", "</b>")
    for written in re.findall(r"<[^>]*>", html.lower()):
        assert not re.match(r"</?(script|object|embed|svg|img|base|applet|math|style)\b", written)
        assert not re.search(r"\son[a-z]+\s*=", written)
        assert "javascript:" not in written
        assert "//" not in written.replace("<!doctype html>", "")
        assert "url(" not in written
        assert not re.search(r"\sstyle\s*=", written)
    if answer not in {of_plain, of_muted}:
        assert "://" not in html


@pytest.mark.parametrize("answer", PAGES, ids=lambda answer: answer.__name__)
async def test_page_is_whole_and_names_its_language_and_its_title(answer: Answer) -> None:
    reply = await answer(make_house())
    html = reply.body.decode()
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert html.startswith("<!doctype html>\n<html lang=en>")
    assert reply.page.title.strip()


@every_answer
async def test_answer_sends_nobody_to_another_house(answer: Answer) -> None:
    reply = await answer(make_house())
    ways = [reply.headers.get("location", "/"), *reply.page.links.values(), reply.page.refresh]
    ways += [form.action for form in reply.page.forms] + list(reply.page.frames.values())
    refresh = reply.headers.get("refresh", "").partition("url=")[2]
    assert all(re.fullmatch(r"(/(?!/).*|/|)", way) for way in [*ways, refresh])


@every_answer
async def test_page_that_leads_nowhere_is_never_shown(answer: Answer) -> None:
    reply = await answer(make_house())
    if answer in {of_redirect, of_joined, of_other_method}:
        assert reply.body == b""
    else:
        assert reply.page.links or reply.page.forms or reply.page.frames


async def test_every_link_of_the_house_leads_somewhere() -> None:
    house = make_house()
    seen, waiting = set[str](), {"/"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        reply = await house.browser().get(path)
        assert reply.status == 200, path
        if reply.headers["content-type"].startswith("text/html"):
            waiting |= set(reply.page.links.values()) - seen
    assert {"/", "/pair", "/rooms", "/rooms/new", "/safety", "/privacy", "/help", "/about"} <= seen


async def test_policy_is_exactly_what_was_decided() -> None:
    reply = await make_house().browser().get("/")
    assert reply.headers["content-security-policy"] == POLICY
    for name, values in DEFINED.items():
        assert reply.headers[name] in values


async def test_policy_of_a_conversation_allows_styles_by_a_nonce_of_its_own() -> None:
    house = make_house()
    drawn = set()
    for _ in range(2):
        pair = await house.pair()
        nonces = {
            await nonce_of(talker, path)
            for path in ("live", "plain")
            for talker in (pair.first, pair.second)
        }
        # The same for all who read, so that what is streamed is the same for all of them.
        assert len(nonces) == 1
        drawn |= nonces
    assert len(drawn) == 2


async def nonce_of(talker: Talker[AppBrowser], path: str) -> str:
    """The nonce that the policy of a page allows, which is that of its one style."""
    browser, path = talker.browser, f"{talker.chat}/{path}"
    async with browser.watch(path) as stream:
        styles = re.findall(r"<style nonce=([\w-]+)>", stream.head)
    head = await browser.request("HEAD", path)
    assert without_nonce(head) == POLICY
    assert f"'nonce-{styles[0]}'" in head.headers["content-security-policy"]
    assert len(styles) == 1
    return str(styles[0])


async def test_405_of_a_page_says_which_methods_it_has() -> None:
    reply = await make_house().browser().request("POST", "/help")
    assert {"GET", "HEAD"} <= set(reply.headers["allow"].split(", "))


@pytest.mark.parametrize("path", ["/", "/help", "/nothing", "/wait", "/about"])
async def test_head_has_the_status_and_the_headers_of_get(path: str) -> None:
    house = make_house()
    got = await house.browser().request("GET", path)
    head = await house.browser().request("HEAD", path)
    assert head.status == got.status
    assert set(EVERYWHERE) <= set(head.headers)


async def test_path_is_served_or_it_is_not_and_never_corrected() -> None:
    house = make_house()
    for path in ("//", "//help", "/help/", "/HELP", "/help//", "/%2e%2e/help", "/./help", "/;/"):
        reply = await house.browser().request("GET", path)
        assert reply.status in {200, 404}
        assert "location" not in reply.headers
    assert not house.services.failures
