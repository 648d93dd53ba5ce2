"""One's own page: everything that is held, what it has cost, and what one chooses for oneself."""

from __future__ import annotations

import re

from server.core.limits import OWN_LIMIT_KIB, SESSION_LIFE_S
from tests.fakes import come_in, knock

from .appbrowser import AppBrowser, make_server


async def page_of(browser: AppBrowser) -> str:
    reply = await browser.get("/mine")
    assert reply.status == 200
    return reply.page.text


async def test_without_a_session_the_page_says_that_nothing_is_held() -> None:
    server = make_server()
    assert "keeps nothing about you" in await page_of(server.browser())
    stranger = server.browser(cookie="__Host-s=" + "A" * 43)
    assert "keeps nothing about you" in await page_of(stranger)


async def test_everything_that_hangs_on_a_session_stands_on_its_page() -> None:
    server = make_server()
    pair = await server.pair()
    me = pair.first.browser
    await pair.first.say("twelve bytes")
    more = (await me.get(f"{pair.first.chat}/people")).page
    await me.submit(more.form("/mute"), who="2")
    await me.submit(more.form("/again"))
    room = await come_in(me)
    name = re.search(r"You are (.+), in", (await me.get(room.chat)).page.text)
    assert name is not None
    told = await page_of(me)
    for held in (
        "A hash of your cookie, 16 bytes, a public key made from it, 32 bytes",
        "What you asked for last",
        "your talk with",
        "1 message of yours is kept, sealed, 104 bytes.",
        "1 key that opens the messages, 80 bytes, sealed so that only your cookie opens it.",
        "1 keyed hash, 21 bytes, so that nothing is sent twice.",
        "1 person whom you have muted.",
        "1 keyed hash of a code for meeting again, 32 bytes.",
        "1 hash of a person whom you met last",
        "The common room",
        f"your name there is {name[1]}.",
        "The language of your pages.",
    ):
        assert held in told, held


async def test_waiting_and_knocking_stand_there_too() -> None:
    server = make_server()
    browser = server.browser()
    await knock(browser, "talk")
    assert "That you wait." in await page_of(browser)
    await browser.submit((await browser.get("/wait")).page.form("/cancel"))
    assert "That you wait." not in await page_of(browser)


async def test_clock_and_cost_are_ones_own() -> None:
    server = make_server()
    pair = await server.pair()
    server.clock.advance(30 * 60)
    await pair.second.say("words")
    told = await page_of(pair.second.browser)
    assert "You have been here for 30 minutes." in told
    spent, hour = (int(found) for found in re.findall(r"bout (\d+) KiB", told)[:2])
    assert spent > 0
    assert spent <= hour <= 2 * spent + 2
    assert f"in {(SESSION_LIFE_S - 30 * 60) // 60} minutes at the latest" in told


async def test_cost_grows_by_what_goes_up_and_down() -> None:
    server = make_server()
    browser = server.browser()
    await knock(browser, "talk")

    async def spent() -> int:
        (session,) = server.store._sessions.values()  # type: ignore[attr-defined]
        return int(session.lifetime.traffic_bytes)

    before = await spent()
    reply = await browser.get("/about")
    length = int(reply.headers["content-length"])
    # The answer's body, both heads, and nothing that is not there.
    assert length + 400 < await spent() - before < length + 1_500


async def test_own_limit_is_kept_and_told_on_the_page_one_reads() -> None:
    server = make_server()
    pair = await server.pair()
    form = (await pair.first.browser.get("/mine")).page.form("/mine/time")
    await pair.first.browser.submit(form, still="60", minutes="15", kib="0")
    reply = await pair.first.browser.get("/mine")
    assert re.search(r"<option value=15 selected>", reply.body.decode())
    plain = f"{pair.first.chat}/plain"
    assert b"the limit that you set" not in (await pair.first.browser.get(plain)).body
    server.clock.advance(15 * 60)
    assert b"the limit that you set" in (await pair.first.browser.get(plain)).body


async def test_choice_that_is_none_changes_nothing() -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    form = (await browser.get("/mine")).page.form("/mine/time")
    for odd in ({"still": "31"}, {"minutes": "1"}, {"kib": "-1"}, {"kib": "x"}):
        reply = await browser.submit(form, **{"still": "60", "minutes": "15", "kib": "0", **odd})
        assert reply.path == "/mine"
        assert "<option value=30 selected>" in reply.body.decode()
    assert 0 in OWN_LIMIT_KIB


async def test_dull_titles_say_nothing_on_any_page() -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    mine = (await browser.get("/mine")).page
    await browser.submit(mine.form("/mine/title"), dull="yes")
    for path in ("/", "/rooms", "/mine", pair.first.chat, f"{pair.first.chat}/plain?every=10"):
        assert (await browser.get(path)).page.title == "Empty"
    await browser.submit((await browser.get("/mine")).page.form("/mine/title"), dull="no")
    assert (await browser.get("/rooms")).page.title == "Rooms · Sottovoce"


async def test_steady_is_chosen_with_what_it_costs_and_holds_for_every_view_that_opens() -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    mine = (await browser.get("/mine")).page
    for said in ("70 KiB in an hour", "875 KiB an hour", "350 KiB an hour", "175 KiB an hour"):
        assert said in mine.text
    await browser.submit(mine.form("/mine/steady"), steady="5")
    async with browser.watch(f"{pair.first.chat}/live") as stream:
        assert "Steady: one cell every 5 seconds" in stream.head
    assert "Steady: one cell every 5 seconds" in (await browser.get(pair.first.chat)).page.text
    assert "value=5 checked" in (await browser.get("/mine")).body.decode()
    for odd in ("3", "-1", "x", ""):
        await browser.submit((await browser.get("/mine")).page.form("/mine/steady"), steady=odd)
    assert "value=5 checked" in (await browser.get("/mine")).body.decode()
    await browser.submit((await browser.get("/mine")).page.form("/mine/steady"), steady="0")
    async with browser.watch(f"{pair.first.chat}/live") as stream:
        assert "Steady" not in stream.head


async def test_foreign_form_changes_nothing() -> None:
    server = make_server()
    pair = await server.pair()
    for path, field in (("/mine/time", {"still": "10"}), ("/mine/title", {"dull": "yes"})):
        reply = await pair.first.browser.post(path, field)
        assert reply.status == 403
    assert (await pair.first.browser.get("/mine")).page.title != "Empty"


async def test_language_of_the_pages_is_chosen_there() -> None:
    server = make_server()
    pair = await server.pair()
    form = (await pair.first.browser.get("/mine")).page.form("/language")
    assert [value for _, value in form.buttons] == ["en", "fa"]
    await pair.first.browser.submit(form, lang="fa")
    assert b"<html lang=fa dir=rtl>" in (await pair.first.browser.get(pair.first.chat)).body


async def test_conversations_are_listed_with_the_way_there() -> None:
    server = make_server()
    pair = await server.pair()
    room = await come_in(pair.first.browser)
    links = (await pair.first.browser.get("/mine")).page.links.values()
    assert {pair.first.chat, room.chat} <= set(links)
    assert "/rooms" in (await pair.first.browser.get("/")).page.links.values()
