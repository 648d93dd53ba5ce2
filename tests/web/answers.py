"""Answers of the house to what people do there, each with its status: pages, refusals, errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from server.core.limits import COME_BURST, FREE_SKIPS, OFFER_ROOM_S, Capacity
from server.demo.text_browser import Reply
from tests.fakes import Talker, come_in, knock

from .appbrowser import AppBrowser, AppHouse, make_house
from .refusing import broken


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


async def of_bug(house: AppHouse) -> Reply:
    pair = await house.pair()
    house.services.store = broken(house.store, "a bug")
    return await pair.first.browser.get("/")


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


async def of_gateway(house: AppHouse) -> Reply:
    return await house.browser(via="").get("/")


async def of_rewritten_form(house: AppHouse) -> Reply:
    form = (await house.browser().get("/")).page.form("/pair")
    token = form.fields["token"].replace(".onion", ".onion.example")
    return await house.browser().post("/pair", {"token": token, "intent": "talk"})


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
    of_gateway: 403,
    of_rewritten_form: 403,
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
