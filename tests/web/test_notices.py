"""What one reader alone is told on their stream: the question, the end, news from elsewhere."""

from __future__ import annotations

import re

from server.core.limits import END_TOLD_S, QUIET_AFTER_S, SESSION_LIFE_S, STILL_USUAL_S
from server.demo.document import read_document
from server.demo.text_browser import Reply
from tests.fakes import Talker, come_in, knock

from .appbrowser import AppBrowser, AppServer, Watch, make_server


async def after(server: AppServer, seconds: float) -> None:
    """Let time pass, and the house sweep."""
    server.clock.advance(seconds)
    await server.store.forget_due()


async def next_notice(watch: Watch) -> str:
    """The next event that stands in no conversation."""
    while "class=w" not in (html := await watch.event()):
        assert html
    return html.strip()


async def test_stream_asks_whether_somebody_is_still_there_and_goes_on_with_a_press() -> None:
    server = make_server()
    pair = await server.pair()
    await pair.second.say("before")
    async with pair.first.browser.watch(f"{pair.first.chat}/live") as stream:
        await after(server, STILL_USUAL_S)
        asked = await next_notice(stream)
    assert "Still there?" in asked
    form = read_document(asked).form("/here")
    answer = await pair.first.browser.post(form.action, form.fields)
    # Behind the partner's leaving, who had been silent for too long.
    assert answer.headers["location"] == f"{pair.first.chat}/live?after=3"


async def test_answer_with_a_foreign_token_is_none() -> None:
    pair = await make_server().pair()
    assert (await pair.first.browser.post(f"{pair.first.chat}/here", {})).status == 403
    assert (await pair.first.browser.post("/wait/here", {})).status == 403


async def test_waiting_page_asks_too() -> None:
    server = make_server()
    browser = server.browser()
    await knock(browser, "talk")
    async with browser.watch("/wait/live") as stream:
        await after(server, STILL_USUAL_S)
        asked = await next_notice(stream)
    form = read_document(asked).form("/wait/here")
    assert (await browser.submit(form)).path == "/wait"


async def test_end_of_a_session_is_told_before() -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    async with browser.watch(f"{pair.first.chat}/live") as stream:
        mine = (await browser.get("/mine")).page
        await browser.submit(mine.form("/mine/time"), still="120", minutes="0", kib="0")
        for _ in range(int(SESSION_LIFE_S - END_TOLD_S) // 3_600):
            await after(server, 3_600)
            await browser.get("/help")
        await after(server, SESSION_LIFE_S - END_TOLD_S - 11 * 3_600)
        assert "nearly twelve hours" in await next_notice(stream)


async def test_words_elsewhere_are_told_once_with_a_link_to_them() -> None:
    server = make_server()
    pair = await server.pair()
    here, other = await come_in(pair.first.browser), await come_in(server.browser())
    async with here.browser.watch(f"{here.chat}/live") as stream:
        await stream.event()
        await pair.second.say("are you there?")
        await pair.second.say("hello?")
        await other.say("in the room")
        told = await next_notice(stream)
        assert "New messages elsewhere" in told
        assert re.search(rf"<a href={pair.first.chat} target=_top [^>]*>your talk with ", told)
        assert "in the room" in await stream.event()


async def test_match_that_is_found_while_one_is_in_a_room_is_told_there() -> None:
    server = make_server()
    browser = server.browser()
    await knock(browser, "talk")
    room = await come_in(browser)
    async with browser.watch(f"{room.chat}/live") as stream:
        came = await knock(server.browser(), "listen")
        assert came.path.startswith("/chat/")
        told = await next_notice(stream)
        assert "Somebody is here for you" in told
    link = re.search(r"<a href=(\S+) ", told)
    assert link is not None
    assert (await browser.get(link[1])).status == 200


async def test_agreed_talk_is_told_to_the_one_who_asked() -> None:
    server = make_server()
    first, second = await come_in(server.browser()), await come_in(server.browser())
    await side_chat(first, 2)
    async with first.browser.watch(f"{first.chat}/live") as stream:
        await side_chat(second, 1)
        assert "Your private talk has begun" in await next_notice(stream)


async def side_chat(talker: Talker[AppBrowser], who: int) -> None:
    people = (await talker.browser.get(f"{talker.chat}/people")).page
    fields = {**people.form("/mute").fields, "who": f"{who}"}
    assert (await talker.browser.post(f"{talker.chat}/aside", fields)).status == 303


async def test_name_of_a_place_is_text_and_nothing_else() -> None:
    server = make_server()
    browser = server.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    opened = await browser.submit(form, title="<b>%(place)s</b>")
    code = opened.body.decode().partition("<output id=invitation dir=ltr>")[2].partition("<br>")[0]
    guest = server.browser()
    entered = await guest.submit((await guest.get("/rooms")).page.form("/invite"), code=code)
    room = await come_in(browser)
    async with browser.watch(f"{room.chat}/live") as stream:
        await Talker(guest, entered.path).say("hello")
        told = await next_notice(stream)
    assert "&lt;b&gt;%(place)s&lt;/b&gt;" in told


async def test_line_that_broke_off_is_told_to_the_partner_once() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.chat}/live"):
        pass
    for _ in range(3):
        await after(server, QUIET_AFTER_S + 1)
    lines = await pair.second.lines()
    assert [line.event for line in lines] == ["joined", "quiet"]
    assert "may be offline. Their place is kept for 20 minutes." in lines[-1].text
    # And so it is.
    assert (await pair.first.browser.get(pair.first.chat)).status == 200


async def test_whoever_changed_over_to_the_plain_view_is_not_called_quiet() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.chat}/live"):
        await pair.first.browser.get(f"{pair.first.chat}/plain")
    await after(server, 10 * QUIET_AFTER_S)
    assert [line.event for line in await pair.second.lines()] == ["joined"]


async def test_page_that_stands_still_tells_of_other_conversations_too() -> None:
    server = make_server()
    pair = await server.pair()
    here = await come_in(pair.first.browser)
    assert b"New messages elsewhere" not in (await plain(here)).body
    await pair.second.say("are you there?")
    for _ in range(2):
        told = (await plain(here)).page
        assert "New messages elsewhere" in told.text
    (link,) = [path for name, path in told.links.items() if name.startswith("your talk with")]
    assert await Talker(here.browser, link).texts() == ["are you there?"]
    assert b"New messages elsewhere" not in (await plain(here)).body


async def plain(talker: Talker[AppBrowser]) -> Reply:
    return await talker.browser.get(f"{talker.chat}/plain")


async def test_match_that_was_found_meanwhile_stands_on_the_plain_page() -> None:
    server = make_server()
    browser = server.browser()
    await knock(browser, "talk")
    room = await come_in(browser)
    await knock(server.browser(), "listen")
    assert b"Somebody is here for you" in (await plain(room)).body
