"""Waiting: a static page, a streaming page, and cancelling on both."""

from __future__ import annotations

import re

import pytest

from server.core.cells import frame
from server.core.limits import CELL_BYTES, HEARTBEAT_S, LOOK_MAX_S, OFFER_ROOM_S
from server.demo.text_browser import Reply
from server.stream.live import SPREAD_S
from tests.fakes import join_room, press_intent

from .appbrowser import AppBrowser, AppServer, Watch, make_server

ELSEWHERE = {
    "en": "somebody who speaks another language was waiting",
    "fa": "کسی که زبان دیگری دارد هم منتظر بود",
}
FURTHER = "/wait/further"


async def wait_in(language: str, browser: AppBrowser, intent: str = "talk") -> Reply:
    """Request a match on a page in this language."""
    door = (await browser.get(f"/?lang={language}")).page
    return await browser.submit(door.form(f"/pair?lang={language}"), intent=intent)


async def next_beat(server: AppServer, stream: Watch) -> str:
    """Let time pass until the next heartbeat, and return what the waiting stream writes."""
    server.clock.advance(HEARTBEAT_S + SPREAD_S + 1)
    await server.draw()
    server.services.timer_wheel.turn()
    event = await stream.event()
    assert len(frame(event.encode())) == CELL_BYTES
    return event


async def test_static_page_offers_reload_and_cancel_and_moves_on() -> None:
    waits = await press_intent(make_server().browser(), "talk")
    assert waits.page.links["Reload"] == "/wait"
    assert waits.page.form("/wait/cancel").fields["token"]
    assert waits.headers["refresh"].endswith(";url=/wait/live")


async def test_waiting_page_states_that_two_tabs_are_one_person() -> None:
    waits = await press_intent(make_server().browser(), "talk")
    assert "Two tabs of one browser count as one person here" in waits.page.text
    # Two that were pressed before the first cookie came have a session each.
    assert "from the answer to your first press on" in waits.page.text


@pytest.mark.parametrize("path", ["/wait", "/wait/live"])
async def test_visitor_without_a_ticket_is_redirected_to_start(path: str) -> None:
    server = make_server()
    stranger = await server.browser().request("GET", path)
    assert (stranger.status, stranger.headers["location"]) == (303, "/")
    browser = server.browser()
    waits = await press_intent(browser, "talk")
    await browser.submit(waits.page.form("/wait/cancel"))
    cancelled = await browser.request("GET", path)
    assert (cancelled.status, cancelled.headers["location"]) == (303, "/")


@pytest.mark.parametrize("path", ["/wait", "/wait/live"])
async def test_matched_visitor_is_redirected_to_the_conversation(path: str) -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    await press_intent(server.browser(), "listen")
    found = await browser.request("GET", path)
    assert found.status == 303
    assert (await browser.get(found.headers["location"])).status == 200


async def test_cancel_leads_to_the_start_page_and_drops_the_ticket() -> None:
    server = make_server()
    browser = server.browser()
    waits = await press_intent(browser, "talk")
    assert (await browser.submit(waits.page.form("/wait/cancel"))).path == "/"
    assert (await press_intent(server.browser(), "listen")).path == "/wait"


@pytest.mark.parametrize("token", ["", "AAAAAAAAAAAAAA"])
async def test_cancel_with_a_foreign_token_is_refused(token: str) -> None:
    browser = make_server().browser()
    await press_intent(browser, "talk")
    assert (await browser.send("/wait/cancel", {"token": token})).status == 403
    assert (await browser.get("/wait")).path == "/wait"


async def test_cancel_without_a_session_is_refused() -> None:
    assert (await make_server().browser().post("/wait/cancel", {})).status == 403


async def test_waiting_stream_ends_in_a_refresh_to_the_conversation() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    async with browser.watch("/wait/live") as stream:
        assert "Waiting for somebody" in stream.head
        await press_intent(server.browser(), "listen")
        refresh = await stream.event()
    found = refresh.partition("url=")[2].partition('"')[0]
    assert (await browser.get(found)).status == 200


async def test_open_waiting_stream_counts_as_presence() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    async with browser.watch("/wait/live"):
        server.clock.advance(15 * 60)
        await server.store.sweep()
        assert (await press_intent(server.browser(), "listen")).path.startswith("/chat/")


async def test_cancelling_redirects_the_stream_to_the_start_page() -> None:
    server = make_server()
    browser = server.browser()
    waits = await press_intent(browser, "talk")
    async with browser.watch("/wait/live") as stream:
        await browser.submit(waits.page.form("/wait/cancel"))
        await server.store.close()
        assert "url=/" in await stream.event()


async def test_second_tab_takes_the_stream_and_the_first_shows_that() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    async with browser.watch("/wait/live") as older, browser.watch("/wait/live"):
        refresh = await older.event()
    assert "url=/wait/moved" in refresh
    moved = await browser.get("/wait/moved")
    assert "newer tab" in moved.page.text
    assert "/wait" in moved.page.links.values()


async def test_waiting_stream_is_refused_with_503_while_the_server_closes() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    await server.store.close()
    reply = await browser.request("GET", "/wait/live")
    assert reply.status == 503
    assert "This server is full" in reply.page.text


async def test_match_that_is_never_opened_lets_the_partner_wait_again() -> None:
    server = make_server()
    first, second = server.browser(), server.browser()
    await press_intent(first, "talk")
    await press_intent(second, "listen")
    server.clock.advance(61)
    await server.store.sweep()
    assert (await second.get("/wait")).path == "/wait"
    found = await press_intent(server.browser(), "talk")
    assert found.path.startswith("/chat/")
    assert (await second.get("/wait")).path.startswith("/chat/")


async def test_requeued_visitor_is_led_to_the_next_match() -> None:
    server = make_server()
    absent, stays = server.browser(), server.browser()
    await press_intent(absent, "talk")
    opened = await press_intent(stays, "listen")
    async with stays.watch(f"{opened.path}/live?after=1") as stream:
        server.clock.advance(61)
        await server.store.sweep()
        assert "did not come" in await stream.event()
        await press_intent(server.browser(), "talk")
        event = await stream.event()
    # Without a link here the newcomer would wait in vain.
    assert "url=/" in event or "href=/" in event


async def test_heartbeat_of_the_waiting_stream_is_one_cell() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    async with browser.watch("/wait/live") as stream:
        await server.store.close()
        event = await stream.event()
    assert len(frame(event.encode())) == CELL_BYTES


async def text_of(browser: AppBrowser) -> str:
    return (await browser.get("/wait")).page.text


async def test_waiting_page_says_roughly_how_long_one_has_waited() -> None:
    server = make_server()
    browser = server.browser()
    waits = await press_intent(browser, "talk")
    assert "You have waited for less than a minute." in waits.page.text
    for seconds, said in ((58, "less than a minute"), (62, "about 2 minutes"), (5, "about 2 min")):
        server.clock.advance(seconds)
        assert f"You have waited for {said}" in await text_of(browser)
    for _ in range(60):
        server.clock.advance(60)
        await browser.get("/wait")
    assert "You have waited for about 1 hour." in await text_of(browser)


async def test_time_waited_is_said_in_the_language_of_the_page() -> None:
    server = make_server()
    browser = server.browser()
    assert "کمتر از یک دقیقه است که منتظرید" in (await wait_in("fa", browser)).page.text
    server.clock.advance(120)
    assert "حدود ۲ دقیقه است که منتظرید" in await text_of(browser)


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_waiting_stream_updates_the_time_in_one_cell(language: str) -> None:
    server = make_server()
    browser = server.browser()
    await wait_in(language, browser)
    digits = server.services.pages_by_language[language].language
    async with browser.watch("/wait/live") as stream:
        assert stream.head.count("role=status") == 1
        assert "<p class=w>" in await next_beat(server, stream)
        assert "role=status" not in await next_beat(server, stream)
        for minutes in (1, 2):
            number = digits.number(minutes)
            said = {"en": f"about {number} minute", "fa": f"حدود {number} دقیقه"}[language]
            assert said in await next_beat(server, stream)
        assert "role=status" not in await next_beat(server, stream)


async def test_only_the_newest_update_of_the_waiting_stream_is_shown() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    async with browser.watch("/wait/live") as stream:
        assert ".z>div:not(:last-of-type){display:none}" in stream.head
        # Updates are siblings of the first one: else both would be the last of their type. So what
        # is written between them must be closed, and each must begin with a block.
        assert re.search("<div class=z><i></i>\\s*<div role=status>[^<]*</div>\\s*$", stream.head)
        assert (await next_beat(server, stream)).strip().endswith("</p>")
        await next_beat(server, stream)
        assert re.fullmatch("\\s*<div role=status>[^<]*</div>\\s*", await next_beat(server, stream))


async def test_two_who_share_no_language_learn_of_each_other_and_meet() -> None:
    server = make_server()
    parisa, emma = server.browser(), server.browser()
    await wait_in("fa", parisa)
    await wait_in("en", emma, "any")
    assert ELSEWHERE["en"] not in await text_of(emma)
    server.clock.advance(LOOK_MAX_S)
    await server.draw()
    assert ELSEWHERE["fa"] in await text_of(parisa)
    page = (await emma.get("/wait")).page
    assert ELSEWHERE["en"] in page.text
    assert (await emma.submit(page.form(FURTHER))).path == "/wait"
    assert "You can meet if they agree as you did." in await text_of(emma)
    met = await parisa.submit((await parisa.get("/wait")).page.form(FURTHER))
    assert met.path.startswith("/chat/")


async def test_stream_tells_of_another_language_and_takes_it_back() -> None:
    server = make_server()
    parisa, emma = server.browser(), server.browser()
    await wait_in("en", emma)
    async with emma.watch("/wait/live") as stream:
        assert ELSEWHERE["en"] not in stream.head
        await next_beat(server, stream)
        waits = await wait_in("fa", parisa)
        async with parisa.watch("/wait/live"):
            assert ELSEWHERE["en"] in await next_beat(server, stream)
        await parisa.submit(waits.page.form("/wait/cancel"))
        assert ELSEWHERE["en"] not in await next_beat(server, stream)


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_longest_update_of_the_stream_is_one_cell(language: str) -> None:
    server = make_server()
    waits, other = server.browser(), server.browser()
    await wait_in(language, waits)
    await wait_in({"en": "fa", "fa": "en"}[language], other)
    async with other.watch("/wait/live"), waits.watch("/wait/live") as stream:
        for _ in range(2):
            await next_beat(server, stream)
        assert ELSEWHERE[language] in await next_beat(server, stream)


async def test_one_who_waits_alone_is_not_told_of_another_language() -> None:
    server = make_server()
    browser = server.browser()
    await wait_in("fa", browser)
    async with browser.watch("/wait/live"):
        for _ in range(5):
            server.clock.advance(LOOK_MAX_S)
            await server.draw()
        assert ELSEWHERE["fa"] not in await text_of(browser)


async def test_room_is_offered_after_half_a_minute_with_its_rough_head_count() -> None:
    server = make_server()
    await join_room(server.browser())
    browser = server.browser()
    waits = await press_intent(browser, "talk")
    assert "keep your place here" not in waits.page.text
    server.clock.advance(OFFER_ROOM_S)
    text = await text_of(browser)
    assert "keep your place here" in text
    assert "The common room: up to about 10 people" in text
    assert OFFER_ROOM_S <= 30


async def test_visitor_in_a_room_keeps_the_place_in_the_queue() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    server.clock.advance(OFFER_ROOM_S)
    assert (await browser.get("/wait")).page.links["Rooms"] == "/rooms"
    room = await join_room(browser)
    async with browser.watch(f"{room.path}/live"):
        server.clock.advance(120)
        assert "You have waited for about 2 minutes." in await text_of(browser)
