"""One answer of each kind with its status: pages, refusals and errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from server.core.limits import FREE_SKIPS, JOIN_BURST, OFFER_ROOM_S, Capacity
from server.demo.text_browser import Reply
from tests.fakes import Talker, join_room, press_intent

from .appbrowser import AppBrowser, AppServer, make_server
from .asking import room_of
from .refusing import broken


async def of_start_page(server: AppServer) -> Reply:
    return await server.browser().get("/")


async def of_long_form(server: AppServer) -> Reply:
    return await server.browser().get("/pair")


async def of_cookie_refused(server: AppServer) -> Reply:
    return await server.browser(referer="http://sottovoce/").get("/wait")


async def of_mine(server: AppServer) -> Reply:
    pair = await server.pair()
    await pair.first.send("<script src=//x>")
    return await pair.first.browser.get("/mine")


async def of_mine_without_session(server: AppServer) -> Reply:
    return await server.browser().get("/mine")


async def of_refreshing(server: AppServer) -> Reply:
    pair = await server.pair()
    return await pair.first.browser.get(f"{pair.first.path}/plain?every=10")


async def of_again(server: AppServer) -> Reply:
    pair = await server.pair()
    more = (await pair.first.browser.get(f"{pair.first.path}/people")).page
    return await pair.first.browser.submit(more.form("/again"))


async def of_offered_room(server: AppServer) -> Reply:
    browser = server.browser()
    await press_intent(browser, "talk")
    server.clock.advance(OFFER_ROOM_S)
    return await browser.get("/wait")


async def of_cooldown(server: AppServer) -> Reply:
    browser = server.browser()
    await press_intent(browser, "any")
    for _ in range(FREE_SKIPS + 1):
        await press_intent(server.browser(), "any")
        found = await browser.get("/wait")
        reply = await Talker(browser, found.path).press("next")
    return reply


async def of_foreign_time(server: AppServer) -> Reply:
    return await server.browser().post("/mine/time", {"still": "10"})


async def of_waiting(server: AppServer) -> Reply:
    return await press_intent(server.browser(), "talk")


async def of_moved_waiting(server: AppServer) -> Reply:
    return await server.browser().get("/wait/moved")


async def of_forgotten_waiting(server: AppServer) -> Reply:
    return await server.browser().get("/wait/over")


async def of_chat(server: AppServer) -> Reply:
    pair = await server.pair()
    return await pair.first.browser.get(pair.first.path)


async def of_composer(server: AppServer) -> Reply:
    pair = await server.pair()
    return await pair.first.browser.get(f"{pair.first.path}/composer")


async def of_large_composer(server: AppServer) -> Reply:
    pair = await server.pair()
    composer = await pair.first.browser.get(f"{pair.first.path}/composer")
    return await pair.first.browser.submit(composer.page.form("/messages"), more="1")


async def of_plain(server: AppServer) -> Reply:
    pair = await server.pair()
    await pair.second.send_as_is("<script src=//x onload=y> http://example.onion url(x) <svg>")
    return await pair.first.browser.get(f"{pair.first.path}/plain")


async def of_moved_chat(server: AppServer) -> Reply:
    pair = await server.pair()
    return await pair.first.browser.get(f"{pair.first.path}/moved")


async def of_redirect(server: AppServer) -> Reply:
    return await server.browser().request("GET", "/wait")


async def of_empty_message(server: AppServer) -> Reply:
    return await (await server.pair()).first.send("")


async def of_bad_cursor(server: AppServer) -> Reply:
    pair = await server.pair()
    return await pair.first.browser.get(f"{pair.first.path}/plain?after=99")


async def of_foreign_form(server: AppServer) -> Reply:
    return await server.browser().post("/pair", {"intent": "talk"})


async def of_foreign_message(server: AppServer) -> Reply:
    return await server.browser().post("/chat/abcdefghijkl/messages", {"text": "words"})


async def of_nothing(server: AppServer) -> Reply:
    return await server.browser().get("/nothing/here")


async def of_wrong_method(server: AppServer) -> Reply:
    return await server.browser().request("POST", "/help")


async def of_other_method(server: AppServer) -> Reply:
    return await server.browser().request("PUT", "/")


async def of_closed_chat(server: AppServer) -> Reply:
    pair = await server.pair()
    await pair.second.press("leave")
    return await pair.first.send("hello?")


async def of_large_body(server: AppServer) -> Reply:
    return await server.browser().request("POST", "/pair", b"a" * 20_000)


async def of_fast_posts(server: AppServer) -> Reply:
    pair = await server.pair()
    return [await pair.first.send(f"{n}") for n in range(6)][-1]


async def of_full_server(_server: AppServer) -> Reply:
    return await press_intent(make_server(Capacity(sessions=0)).browser(), "talk")


async def of_bug(server: AppServer) -> Reply:
    pair = await server.pair()
    server.services.store = broken(server.store, "a bug")
    return await pair.first.browser.get("/")


async def of_safety(server: AppServer) -> Reply:
    return await server.browser().get("/safety")


async def of_privacy(server: AppServer) -> Reply:
    return await server.browser().get("/privacy")


async def of_help(server: AppServer) -> Reply:
    return await server.browser().get("/help")


async def of_over(server: AppServer) -> Reply:
    return await server.browser().get("/over")


async def of_wrong(server: AppServer) -> Reply:
    pair = await server.pair()
    return await pair.first.browser.get(f"{pair.first.path}/wrong")


async def of_rooms(server: AppServer) -> Reply:
    return await server.browser().get("/rooms")


async def of_room(server: AppServer) -> Reply:
    talker = await join_room(server.browser())
    return await talker.browser.get(talker.path)


async def of_support_room(server: AppServer) -> Reply:
    talker = await join_room(server.browser(), "quiet")
    return await talker.browser.get(f"{talker.path}/plain")


async def of_people(server: AppServer) -> Reply:
    talker = await join_room(server.browser(), "quiet")
    return await talker.browser.get(f"{talker.path}/people")


async def of_muted(server: AppServer) -> Reply:
    talker = await join_room(server.browser())
    await join_room(server.browser())
    await talker.send_as_is("<script src=//x> http://example.onion")
    form = (await talker.browser.get(f"{talker.path}/people")).page.form("/mute")
    return await talker.browser.submit(form, who="2")


async def of_foreign_mute(server: AppServer) -> Reply:
    talker = await join_room(server.browser())
    return await talker.browser.send(f"{talker.path}/mute", {"who": "2"})


async def of_muting_nobody(server: AppServer) -> Reply:
    talker = await join_room(server.browser())
    form = (await talker.browser.get(f"{talker.path}/people")).page.form("/mute")
    return await talker.browser.submit(form, who="2")


async def of_foreign_delete(server: AppServer) -> Reply:
    talker = await join_room(server.browser())
    return await talker.browser.send(f"{talker.path}/delete", {"seq": "1"})


async def of_open_form(server: AppServer) -> Reply:
    return await server.browser().get("/rooms/new")


async def opened(server: AppServer, title: str = "A title") -> tuple[AppBrowser, Reply]:
    browser = server.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    return browser, await browser.submit(form, title=title)


async def of_invitation(server: AppServer) -> Reply:
    return (await opened(server))[1]


async def of_private_room(server: AppServer) -> Reply:
    browser, reply = await opened(server, '<script src="//x"> url(x)')
    return await browser.get(room_of(reply))


async def of_opener(server: AppServer) -> Reply:
    browser, reply = await opened(server)
    return await browser.get(f"{room_of(reply)}/people")


async def of_knocking(server: AppServer) -> Reply:
    browser, reply = await opened(server)
    chat = room_of(reply)
    form = (await browser.get(f"{chat}/people")).page.form("/host")
    await browser.submit(form, act="ask-first")
    code = reply.body.decode().partition("<output id=invitation dir=ltr>")[2].partition("<br>")[0]
    newcomer = server.browser()
    return await newcomer.submit((await newcomer.get("/rooms")).page.form("/invite"), code=code)


async def of_bad_title(server: AppServer) -> Reply:
    return (await opened(server, ""))[1]


async def of_wrong_code(server: AppServer) -> Reply:
    browser = server.browser()
    form = (await browser.get("/rooms")).page.form("/invite")
    return await browser.submit(form, code="<script>")


async def of_foreign_code(server: AppServer) -> Reply:
    return await server.browser().post("/invite", {"code": "1"})


async def of_foreign_room(server: AppServer) -> Reply:
    return await server.browser().post("/rooms/new", {"title": "x"})


async def of_foreign_host(server: AppServer) -> Reply:
    browser, reply = await opened(server)
    return await browser.send(f"{room_of(reply)}/host", {"act": "close"})


async def of_foreign_invitation(server: AppServer) -> Reply:
    browser, reply = await opened(server)
    return await browser.send(f"{room_of(reply)}/invitation", {"uses": "1"})


async def of_foreign_stop(server: AppServer) -> Reply:
    return await server.browser().post("/knock/abcdefghijkl/stop", {})


async def of_no_knock(server: AppServer) -> Reply:
    return await server.browser().get("/knock/abcdefghijkl")


async def of_joined(server: AppServer) -> Reply:
    browser = server.browser()
    form = (await browser.get("/rooms")).page.form("/common/join")
    return await browser.post(form.action, form.fields)


async def of_foreign_join(server: AppServer) -> Reply:
    return await server.browser().post("/rooms/common/join", {})


async def of_unknown_room(server: AppServer) -> Reply:
    browser = server.browser()
    form = (await browser.get("/rooms")).page.form("/common/join")
    return await browser.post("/rooms/nowhere/join", form.fields)


async def of_fast_joins(server: AppServer) -> Reply:
    browser = server.browser()
    for _ in range(JOIN_BURST):
        await (await join_room(browser)).press("leave")
    form = (await browser.get("/rooms")).page.form("/common/join")
    return await browser.send(form.action, form.fields)


async def of_about(server: AppServer) -> Reply:
    return await server.browser().get("/about")


async def of_gateway(server: AppServer) -> Reply:
    return await server.browser(via="").get("/")


async def of_rewritten_form(server: AppServer) -> Reply:
    form = (await server.browser().get("/")).page.form("/pair")
    token = form.fields["token"].replace(".onion", ".onion.example")
    return await server.browser().post("/pair", {"token": token, "intent": "talk"})


Answer = Callable[[AppServer], Awaitable[Reply]]
ANSWERS: dict[Answer, int] = {
    of_start_page: 200,
    of_long_form: 200,
    of_cookie_refused: 200,
    of_waiting: 200,
    of_mine: 200,
    of_mine_without_session: 200,
    of_refreshing: 200,
    of_again: 200,
    of_offered_room: 200,
    of_moved_waiting: 200,
    of_forgotten_waiting: 200,
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
    of_fast_posts: 429,
    of_cooldown: 429,
    of_fast_joins: 429,
    of_bug: 500,
    of_full_server: 503,
}
