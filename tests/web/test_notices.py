"""Notices for one reader: the idle question, the end of the session, other conversations."""

from __future__ import annotations

import re

from server.core.limits import DISCONNECT_NOTICE_S, END_NOTICE_S, IDLE_QUESTION_S, SESSION_LIFE_S
from server.demo.document import read_document
from server.demo.text_browser import Reply
from tests.fakes import Talker, join_room, press_intent

from .appbrowser import AppBrowser, AppServer, Watch, make_server


async def advance(server: AppServer, seconds: float) -> None:
    """Advance the clock, then run the sweep."""
    server.clock.advance(seconds)
    await server.store.sweep()


async def next_notice(watch: Watch) -> str:
    """Return the next event that is a notice."""
    while "class=w" not in (html := await watch.event()):
        assert html
    return html.strip()


async def test_stream_asks_an_idle_reader_and_continues_after_the_answer() -> None:
    server = make_server()
    pair = await server.pair()
    await pair.second.send("before")
    async with pair.first.browser.watch(f"{pair.first.path}/live") as stream:
        await advance(server, IDLE_QUESTION_S)
        question = await next_notice(stream)
    assert "Still there?" in question
    form = read_document(question).form("/here")
    answer = await pair.first.browser.post(form.action, form.fields)
    # It follows the entry about the partner leaving, whose session has expired.
    assert answer.headers["location"] == f"{pair.first.path}/live?after=3"


async def test_answer_with_a_foreign_token_is_refused() -> None:
    pair = await make_server().pair()
    assert (await pair.first.browser.send(f"{pair.first.path}/here", {})).status == 403
    assert (await pair.first.browser.send("/wait/here", {})).status == 403


async def test_waiting_page_asks_an_idle_visitor_too() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    async with browser.watch("/wait/live") as stream:
        await advance(server, IDLE_QUESTION_S)
        question = await next_notice(stream)
    form = read_document(question).form("/wait/here")
    assert (await browser.submit(form)).path == "/wait"


async def test_end_of_the_session_is_announced() -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    async with browser.watch(f"{pair.first.path}/live") as stream:
        mine = (await browser.get("/mine")).page
        await browser.submit(mine.form("/mine/time"), still="120", minutes="0", kib="0")
        for _ in range(int(SESSION_LIFE_S - END_NOTICE_S) // 3_600):
            await advance(server, 3_600)
            await browser.get("/help")
        await advance(server, SESSION_LIFE_S - END_NOTICE_S - 11 * 3_600)
        assert "nearly twelve hours" in await next_notice(stream)


async def test_unread_messages_elsewhere_are_announced_once_with_a_link() -> None:
    server = make_server()
    pair = await server.pair()
    here, other = await join_room(pair.first.browser), await join_room(server.browser())
    async with here.browser.watch(f"{here.path}/live") as stream:
        await stream.event()
        await pair.second.send("are you there?")
        await pair.second.send("hello?")
        await other.send("in the room")
        notice = await next_notice(stream)
        assert "New messages elsewhere" in notice
        assert re.search(rf"<a href={pair.first.path} target=_top [^>]*>your talk with ", notice)
        assert "in the room" in await stream.event()


async def test_match_is_announced_in_the_room_that_is_open() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    room = await join_room(browser)
    async with browser.watch(f"{room.path}/live") as stream:
        came = await press_intent(server.browser(), "listen")
        assert came.path.startswith("/chat/")
        notice = await next_notice(stream)
        assert "Somebody is here for you" in notice
    link = re.search(r"<a href=(\S+) ", notice)
    assert link is not None
    assert (await browser.get(link[1])).status == 200


async def test_accepted_side_chat_is_announced_to_its_requester() -> None:
    server = make_server()
    first, second = await join_room(server.browser()), await join_room(server.browser())
    await side_chat(first, 2)
    async with first.browser.watch(f"{first.path}/live") as stream:
        await side_chat(second, 1)
        assert "Your private talk has begun" in await next_notice(stream)


async def side_chat(talker: Talker[AppBrowser], number: int) -> None:
    people = (await talker.browser.get(f"{talker.path}/people")).page
    fields = {**people.form("/mute").fields, "who": f"{number}"}
    assert (await talker.browser.post(f"{talker.path}/aside", fields)).status == 303


async def test_chat_title_in_a_notice_is_neither_markup_nor_format() -> None:
    server = make_server()
    browser = server.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    opened = await browser.submit(form, title="<b>%(place)s</b>")
    code = opened.body.decode().partition("<output id=invitation dir=ltr>")[2].partition("<br>")[0]
    guest = server.browser()
    entered = await guest.submit((await guest.get("/rooms")).page.form("/invite"), code=code)
    room = await join_room(browser)
    async with browser.watch(f"{room.path}/live") as stream:
        await Talker(guest, entered.path).send("hello")
        notice = await next_notice(stream)
    assert "&lt;b&gt;%(place)s&lt;/b&gt;" in notice


async def test_partner_is_notified_once_of_a_broken_stream() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live"):
        pass
    for _ in range(3):
        await advance(server, DISCONNECT_NOTICE_S + 1)
    lines = await pair.second.lines()
    assert [line.event for line in lines] == ["joined", "quiet"]
    assert "may be offline. Their place is kept for 20 minutes." in lines[-1].text
    # The notice is true: the membership still exists.
    assert (await pair.first.browser.get(pair.first.path)).status == 200


async def test_switching_to_the_plain_view_is_not_shown_as_quiet() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live"):
        await pair.first.browser.get(f"{pair.first.path}/plain")
    await advance(server, 10 * DISCONNECT_NOTICE_S)
    assert [line.event for line in await pair.second.lines()] == ["joined"]


async def test_static_page_announces_other_conversations_too() -> None:
    server = make_server()
    pair = await server.pair()
    here = await join_room(pair.first.browser)
    assert b"New messages elsewhere" not in (await plain(here)).body
    await pair.second.send("are you there?")
    for _ in range(2):
        page = (await plain(here)).page
        assert "New messages elsewhere" in page.text
    (link,) = [path for name, path in page.links.items() if name.startswith("your talk with")]
    assert await Talker(here.browser, link).texts() == ["are you there?"]
    assert b"New messages elsewhere" not in (await plain(here)).body


async def plain(talker: Talker[AppBrowser]) -> Reply:
    return await talker.browser.get(f"{talker.path}/plain")


async def test_plain_page_announces_a_match() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    room = await join_room(browser)
    await press_intent(server.browser(), "listen")
    assert b"Somebody is here for you" in (await plain(room)).body
