"""Many a Next in a row: a pause that grows, a calm page, and leaving is never refused."""

from __future__ import annotations

import pytest

from server.core.limits import FREE_SKIPS, MAX_REPEATS, SKIP_PAUSE_S, Capacity
from server.demo.text_browser import Reply
from tests.fakes import Talker, knock

from .appbrowser import AppBrowser, AppServer, make_server


async def skip(server: AppServer, browser: AppBrowser, way: str = "next") -> Reply:
    """Find somebody new, and press Next."""
    other = await knock(server.browser(), "any")
    assert other.path in {"/wait"} or other.path.startswith("/chat/")
    mine = await browser.get("/wait")
    assert mine.path.startswith("/chat/")
    return await Talker(browser, mine.path).press(way)


async def tired(server: AppServer) -> tuple[AppBrowser, Reply]:
    """Somebody who has skipped as often as one may, and once more."""
    browser = server.browser()
    await knock(browser, "any")
    for _ in range(FREE_SKIPS):
        assert (await skip(server, browser)).path == "/wait"
    return browser, await skip(server, browser)


async def test_there_is_a_pause_after_many_and_it_ends() -> None:
    server = make_server()
    browser, rested = await tired(server)
    assert rested.status == 429
    assert rested.headers["retry-after"] == f"{SKIP_PAUSE_S:.0f}"
    assert "Nothing is wrong" in rested.page.text
    form = rested.page.form("/wait/go-on")
    assert (await browser.submit(form)).status == 429
    server.clock.advance(SKIP_PAUSE_S)
    assert (await browser.submit(form)).path == "/wait"


async def test_pause_is_the_same_at_the_door_and_keeps_what_was_asked_for() -> None:
    server = make_server()
    browser, _ = await tired(server)
    door = (await browser.get("/pair")).page.form("/pair")
    refused = await browser.submit(door, intent="listen", topic="books")
    assert refused.status == 429
    server.clock.advance(SKIP_PAUSE_S)
    await browser.submit(refused.page.form("/wait/go-on"))
    held = (await browser.get("/mine")).page.text
    assert "books and films" in held


async def test_leaving_is_not_put_off() -> None:
    server = make_server()
    browser, _ = await tired(server)
    server.clock.advance(SKIP_PAUSE_S)
    await knock(browser, "any")
    other = await knock(server.browser(), "any")
    mine = await browser.get("/wait")
    talker = Talker(browser, mine.path)
    assert (await talker.press("next")).status == 429
    assert (await browser.get(mine.path)).status == 404
    assert other.path.startswith("/chat/")


@pytest.mark.parametrize("way", ["next", "never"])
async def test_who_has_no_place_to_wait_leaves_all_the_same(way: str) -> None:
    server = make_server(Capacity(tickets=1))
    pair = await server.pair()
    # Who waits fits nobody of the two, so that the one place is taken.
    form = (await server.browser().get("/pair")).page.form("/pair")
    stranger = server.browser()
    assert (await stranger.submit(form, intent="listen", speak="my")).path == "/wait"
    page = (await pair.first.browser.get(f"{pair.first.chat}{WAYS[way]}")).page
    reply = await pair.first.browser.submit(page.form(f"/{way}"))
    assert reply.status == 503
    assert reply.page.form("/wait/go-on").action
    assert (await pair.second.lines())[-1].event == "left"
    assert (await pair.first.browser.get(pair.first.chat)).status == 404


WAYS = {"next": "", "never": "/wrong"}
"""The page on which the button is."""


async def test_same_words_over_and_over_are_held_back_and_kept() -> None:
    server = make_server()
    pair = await server.pair()
    for _ in range(MAX_REPEATS):
        server.clock.advance(2)
        assert (await pair.first.say("again")).status == 200
    server.clock.advance(2)
    refused = await pair.first.say("again")
    assert refused.status == 429
    assert "the same text too often" in refused.page.text
    assert refused.page.form("/messages").fields["text"] == "again"
    assert (await pair.first.say("something else")).status == 200


@pytest.mark.parametrize("pad", ["", " ", "\n", "  \t"])
async def test_same_words_in_another_dress_are_the_same(pad: str) -> None:
    server = make_server()
    pair = await server.pair()
    for number in range(MAX_REPEATS):
        server.clock.advance(2)
        text = "Once  AGAIN" if number % 2 else "once again" + pad * number
        assert (await pair.first.say(text)).status == 200
    server.clock.advance(2)
    assert (await pair.first.say("once again")).status == 429


async def test_whom_others_leave_has_no_pause() -> None:
    server = make_server()
    left = server.browser()
    await knock(left, "any")
    for _ in range(FREE_SKIPS + 2):
        other = server.browser()
        there = Talker(other, (await knock(other, "any")).path)
        await there.press("leave")
        assert (await Talker(left, (await left.get("/wait")).path).press("next")).path == "/wait"


async def test_who_leaves_by_the_door_and_comes_back_at_once_is_given_a_pause_too() -> None:
    server = make_server()
    leaver = server.browser()
    for _ in range(FREE_SKIPS + 1):
        await knock(server.browser(), "any")
        await Talker(leaver, (await knock(leaver, "any")).path).press("leave")
    assert (await knock(leaver, "any")).status == 429
