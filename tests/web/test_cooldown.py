"""Many skips in a row cause a growing cooldown with a calm page; leaving is never refused."""

from __future__ import annotations

import pytest

from server.core.limits import FREE_MATCHES, FREE_SKIPS, MAX_REPEATS, SKIP_PAUSE_S, Capacity
from server.demo.text_browser import Reply
from tests.fakes import Talker, press_intent

from .appbrowser import AppBrowser, AppServer, make_server


async def skip(server: AppServer, browser: AppBrowser) -> Reply:
    """Match the visitor with a new partner, then press Next."""
    other = await press_intent(server.browser(), "any")
    assert other.path in {"/wait"} or other.path.startswith("/chat/")
    mine = await browser.get("/wait")
    assert mine.path.startswith("/chat/")
    return await Talker(browser, mine.path).press("next")


async def cooled_down(server: AppServer) -> tuple[AppBrowser, Reply]:
    """Create a visitor who has skipped once more than is free, and return the refusal."""
    browser = server.browser()
    await press_intent(browser, "any")
    for _ in range(FREE_SKIPS):
        assert (await skip(server, browser)).path == "/wait"
    return browser, await skip(server, browser)


async def test_cooldown_starts_after_many_skips_and_ends() -> None:
    server = make_server()
    browser, refused = await cooled_down(server)
    assert refused.status == 429
    assert refused.headers["retry-after"] == f"{SKIP_PAUSE_S:.0f}"
    assert "Nothing is wrong" in refused.page.text
    form = refused.page.form("/wait/go-on")
    assert (await browser.submit(form)).status == 429
    server.clock.advance(SKIP_PAUSE_S)
    assert (await browser.submit(form)).path == "/wait"


CALM = "You may leave any conversation, as often as you like."
"""What the page of a pause says once."""


async def test_first_pause_says_once_that_one_may_rest() -> None:
    server = make_server()
    browser, first = await cooled_down(server)
    assert "data-problem=first-pause" in first.body.decode()
    assert CALM in first.page.text
    assert {"/rooms", "/pair", "/help"} <= set(first.page.links.values())
    too_early = await browser.submit(first.page.form("/wait/go-on"))
    assert too_early.status == 429
    assert CALM not in too_early.page.text
    server.clock.advance(SKIP_PAUSE_S)
    await browser.submit(first.page.form("/wait/go-on"))
    second = await skip(server, browser)
    assert "data-problem=pause" in second.body.decode()
    assert CALM not in second.page.text


async def test_pause_after_many_matches_alone_says_nothing_of_it() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "any")
    for _ in range(FREE_MATCHES + 1):
        other = server.browser()
        there = Talker(other, (await press_intent(other, "any")).path)
        mine = await browser.get("/wait")
        await there.press("leave")
        reply = await Talker(browser, mine.path).press("next")
    assert (reply.status, CALM in reply.page.text) == (429, False)


async def test_my_session_and_privacy_say_that_a_pause_is_kept() -> None:
    server = make_server()
    browser, _ = await cooled_down(server)
    for path in ("/mine", "/privacy"):
        text = (await browser.get(path)).page.text
        assert "whether a pause followed" in text


async def test_cooldown_applies_on_long_form_and_keeps_preferences() -> None:
    server = make_server()
    browser, _ = await cooled_down(server)
    long_form = (await browser.get("/pair")).page.form("/pair")
    refused = await browser.submit(long_form, intent="listen", topic="books")
    assert refused.status == 429
    server.clock.advance(SKIP_PAUSE_S)
    await browser.submit(refused.page.form("/wait/go-on"))
    held = (await browser.get("/mine")).page.text
    assert "books and films" in held


async def test_leaving_is_never_delayed() -> None:
    server = make_server()
    browser, _ = await cooled_down(server)
    server.clock.advance(SKIP_PAUSE_S)
    await press_intent(browser, "any")
    other = await press_intent(server.browser(), "any")
    mine = await browser.get("/wait")
    talker = Talker(browser, mine.path)
    assert (await talker.press("next")).status == 429
    assert (await browser.get(mine.path)).status == 404
    assert other.path.startswith("/chat/")


@pytest.mark.parametrize("button", ["next", "never"])
async def test_member_leaves_even_if_the_queue_is_full(button: str) -> None:
    server = make_server(Capacity(tickets=2))
    pair = await server.pair()
    # These visitors match neither each other nor the two, and take all places in the queue.
    form = (await server.browser().get("/pair")).page.form("/pair")
    for language in ("my", "ti"):
        waits = await server.browser().submit(form, intent="listen", speak=language)
        assert waits.path == "/wait"
    page = (await pair.first.browser.get(f"{pair.first.path}{BUTTON_PAGES[button]}")).page
    reply = await pair.first.browser.submit(page.form(f"/{button}"))
    assert reply.status == 503
    assert reply.page.form("/wait/go-on").action
    assert (await pair.second.lines())[-1].event == "left"
    assert (await pair.first.browser.get(pair.first.path)).status == 404


BUTTON_PAGES = {"next": "", "never": "/wrong"}
"""Button -> the page that has it."""


async def test_repeated_message_is_refused_and_the_text_kept() -> None:
    server = make_server()
    pair = await server.pair()
    for _ in range(MAX_REPEATS):
        server.clock.advance(2)
        assert (await pair.first.send("again")).status == 200
    server.clock.advance(2)
    refused = await pair.first.send("again")
    assert refused.status == 429
    assert "the same text too often" in refused.page.text
    assert refused.page.form("/messages").fields["text"] == "again"
    assert (await pair.first.send("something else")).status == 200


@pytest.mark.parametrize("pad", ["", " ", "\n", "  \t"])
async def test_repeats_ignore_case_and_white_space(pad: str) -> None:
    server = make_server()
    pair = await server.pair()
    for number in range(MAX_REPEATS):
        server.clock.advance(2)
        text = "Once  AGAIN" if number % 2 else "once again" + pad * number
        assert (await pair.first.send(text)).status == 200
    server.clock.advance(2)
    assert (await pair.first.send("once again")).status == 429


async def test_member_whom_others_leave_gets_no_cooldown() -> None:
    server = make_server()
    left = server.browser()
    await press_intent(left, "any")
    for _ in range(FREE_SKIPS + 2):
        other = server.browser()
        there = Talker(other, (await press_intent(other, "any")).path)
        await there.press("leave")
        assert (await Talker(left, (await left.get("/wait")).path).press("next")).path == "/wait"


async def test_leaving_and_asking_again_counts_as_skipping() -> None:
    server = make_server()
    leaver = server.browser()
    for _ in range(FREE_SKIPS + 1):
        await press_intent(server.browser(), "any")
        await Talker(leaver, (await press_intent(leaver, "any")).path).press("leave")
    assert (await press_intent(leaver, "any")).status == 429
