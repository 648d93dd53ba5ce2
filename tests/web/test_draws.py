"""A request for a match waits for the draws, and holds up nothing else."""

from __future__ import annotations

import asyncio

import pytest

from server.core.limits import ANSWER_DRAWS, Capacity
from server.demo.document import WebForm
from server.store.contract.chat import Counts
from server.web.draws import PeriodicDraws
from server.web.edge import forms
from tests.fakes import DrawsAtOnce, Talker, press_intent

from .appbrowser import AppBrowser, AppServer, make_server
from .test_private import act, come, open_room
from .test_renewal import with_cookie

TURNS = 200
"""Turns of the event loop in which a request comes as far as it can."""

NEVER_S = 3_600.0
"""So long between two draws that none comes while a test runs, unless it announces one."""


def make_waiting_server() -> tuple[AppServer, PeriodicDraws]:
    """Make a server whose draws the test announces itself."""
    server = make_server()
    server.services.draws = draws = PeriodicDraws(NEVER_S)
    return server, draws


async def until_waiting(server: AppServer, tickets: int) -> None:
    """Let requests run until so many tickets wait."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
    assert (await server.store.counts()).waiting == tickets


async def draw(server: AppServer, draws: PeriodicDraws) -> None:
    """Make one draw, and let the requests that waited for it go on."""
    await server.store.draw_matches()
    draws.announce()
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def test_two_who_ask_at_the_same_time_go_straight_to_the_chat() -> None:
    server, draws = make_waiting_server()
    asking = [
        asyncio.ensure_future(press_intent(server.browser(), intent))
        for intent in ("talk", "listen")
    ]
    await until_waiting(server, 2)
    for _ in range(ANSWER_DRAWS):
        await draw(server, draws)
    for reply in await asyncio.gather(*asking):
        assert reply.path.startswith("/chat/")


async def test_visitor_whom_nobody_fits_gets_the_waiting_page() -> None:
    server, draws = make_waiting_server()
    asking = asyncio.ensure_future(press_intent(server.browser(), "talk"))
    await until_waiting(server, 1)
    assert not asking.done()
    for _ in range(ANSWER_DRAWS):
        await draw(server, draws)
    assert (await asking).path == "/wait"


@pytest.mark.parametrize("button", ["next", "never"])
async def test_next_and_never_wait_for_the_draw_as_well(button: str) -> None:
    server = make_server()
    pair = await server.pair()
    server.services.draws = draws = PeriodicDraws(NEVER_S)
    page = (await pair.first.browser.get(f"{pair.first.path}/wrong")).page
    form = page.form("/never") if button == "never" else await next_form(pair.first)
    pressing = asyncio.ensure_future(pair.first.browser.submit(form))
    other = asyncio.ensure_future(press_intent(server.browser(), "any"))
    await until_waiting(server, 2)
    for _ in range(ANSWER_DRAWS):
        await draw(server, draws)
    assert (await pressing).path.startswith("/chat/")
    assert (await other).path.startswith("/chat/")


async def next_form(talker: Talker[AppBrowser]) -> WebForm:
    return (await talker.browser.get(talker.path)).page.form("/next")


async def test_panic_in_another_tab_ends_the_wait_at_a_dull_page() -> None:
    server, draws = make_waiting_server()
    browser = server.browser()
    await begin_session(server, browser)
    form = (await browser.get("/pair")).page.form("/pair")
    asking = asyncio.ensure_future(browser.submit(form))
    await until_waiting(server, 1)
    await browser.post("/panic", {})
    draws.announce()
    assert (await asking).path == "/blank"
    assert (await server.store.counts()).sessions == 0


async def begin_session(server: AppServer, browser: AppBrowser) -> None:
    """Give a browser a session, without a ticket."""
    draws, server.services.draws = server.services.draws, PeriodicDraws(0)
    waits = await press_intent(browser, "talk")
    await browser.submit(waits.page.form("/wait/cancel"))
    server.services.draws = draws


async def test_cancelled_request_of_a_newcomer_leaves_nothing() -> None:
    server, _ = make_waiting_server()
    asking = asyncio.ensure_future(press_intent(server.browser(), "talk"))
    await until_waiting(server, 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await server.store.counts() == Counts(0, 0, 0, 0)


async def test_server_that_stops_answers_everybody_who_waits() -> None:
    server, draws = make_waiting_server()
    asking = asyncio.ensure_future(press_intent(server.browser(), "talk"))
    await until_waiting(server, 1)
    draws.close()
    assert (await asking).path == "/wait"
    await draws.next_one()


async def test_wait_for_a_draw_that_never_comes_ends() -> None:
    await PeriodicDraws(0.001).next_one()


async def test_draw_answers_all_who_wait_and_nobody_twice() -> None:
    draws = PeriodicDraws(NEVER_S)
    waiting = [asyncio.ensure_future(draws.next_one()) for _ in range(3)]
    await asyncio.sleep(0)
    draws.announce()
    await asyncio.gather(*waiting)
    later = asyncio.ensure_future(draws.next_one())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not later.done()
    draws.announce()
    await later


async def test_button_pressed_twice_leads_to_the_waiting_page_twice() -> None:
    server, draws = make_waiting_server()
    room = await open_room(server)
    guest = await come(server, room.words)
    await act(room.opener, "remove 2")
    # From now on the next redirect renews the secret of the guest.
    form = (await guest.browser.get("/")).page.form("/pair")
    fields, cookie = {**form.fields, "intent": "talk"}, guest.browser.cookie
    presses = [
        asyncio.ensure_future(with_cookie(server, cookie).post(form.action, fields))
        for _ in range(2)
    ]
    await until_waiting(server, 1)
    for _ in range(ANSWER_DRAWS):
        await draw(server, draws)
    assert [reply.headers["location"] for reply in await asyncio.gather(*presses)] == ["/wait"] * 2


async def test_newcomer_whose_session_gives_way_meanwhile_is_told_that_the_server_is_full() -> None:
    server = make_server(Capacity(sessions=1))
    server.services.draws = draws = PeriodicDraws(NEVER_S)
    newcomer = server.browser(circuit="a")
    asking = asyncio.ensure_future(press_intent(newcomer, "talk"))
    await until_waiting(server, 1)
    await server.store.open_session()
    for _ in range(ANSWER_DRAWS):
        await draw(server, draws)
    assert ((await asking).status, newcomer.cookie) == (503, "")


async def test_no_timer_keeps_a_request_that_has_waited() -> None:
    server, draws = make_waiting_server()
    # An earlier timer, as a server always has: cancelled ones behind it stay queued.
    asyncio.get_running_loop().call_later(NEVER_S / 2, lambda: None)
    asking = asyncio.ensure_future(press_intent(server.browser(), "talk"))
    await until_waiting(server, 1)
    for _ in range(ANSWER_DRAWS):
        await draw(server, draws)
    await asking
    timers = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    kept = {variable.name for timer in timers for variable in timer._context}
    assert not [name for name in kept if "quart" in name]


async def test_form_whose_body_comes_after_the_secret_was_renewed_is_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, gate = make_server(), asyncio.Event()
    room = await open_room(server)
    guest = await come(server, room.words)
    await press_intent(guest.browser, "talk")
    form = (await guest.browser.get("/wait")).page.form("/wait/cancel")
    cookie, read_body = guest.browser.cookie, forms._read_body

    async def late_body() -> bytes:
        body = await read_body()
        await gate.wait()
        return body

    await act(room.opener, "remove 2")
    monkeypatch.setattr(forms, "_read_body", late_body)
    pressed = asyncio.ensure_future(with_cookie(server, cookie).post(form.action, form.fields))
    for _ in range(TURNS):
        await asyncio.sleep(0)
    monkeypatch.setattr(forms, "_read_body", read_body)
    other_tab = await with_cookie(server, cookie).post(f"{guest.path}/leave", {})
    assert "set-cookie" in other_tab.headers
    gate.set()
    assert (await pressed).headers["location"] == "/"
    assert (await server.store.counts()).waiting == 0


async def test_leave_on_the_page_before_next_waits_for_nobody() -> None:
    server, draws = make_waiting_server()
    server.services.draws = DrawsAtOnce(server.store)
    pair = await server.pair()
    page = (await pair.first.browser.get(pair.first.path)).page
    server.services.draws = draws
    browser, cookie = pair.first.browser, pair.first.browser.cookie
    asking = asyncio.ensure_future(browser.submit(page.form("/next")))
    await until_waiting(server, 1)
    leave = page.form("/leave")
    left = await with_cookie(server, cookie).post(leave.action, leave.fields)
    assert left.headers["location"] == "/"
    await until_waiting(server, 0)
    for _ in range(ANSWER_DRAWS):
        await draw(server, draws)
    assert (await asking).path == "/"
