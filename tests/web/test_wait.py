"""Waiting: a static page, a streaming page, and cancelling on both."""

from __future__ import annotations

import pytest

from server.core.cells import frame
from server.core.limits import CELL_BYTES
from tests.fakes import press_intent

from .appbrowser import make_server


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
    assert (await browser.post("/wait/cancel", {"token": token})).status == 403
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
