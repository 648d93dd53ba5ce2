"""The page "My session" shows everything that is held and used, and changes the settings."""

from __future__ import annotations

import re

import pytest

from server.core.limits import OWN_LIMIT_KIB, SESSION_LIFE_S
from server.web.safeguards import Safeguards
from server.web.views.mine import ESTIMATE_AFTER_S, two_digits
from tests.fakes import join_room, press_intent

from .appbrowser import AppBrowser, make_server


async def page_of(browser: AppBrowser) -> str:
    reply = await browser.get("/mine")
    assert reply.status == 200
    return reply.page.text


async def test_page_without_a_session_shows_that_nothing_is_held() -> None:
    server = make_server()
    assert "keeps nothing about you" in await page_of(server.browser())
    stranger = server.browser(cookie="__Host-s=" + "A" * 43)
    assert "keeps nothing about you" in await page_of(stranger)


async def test_page_lists_everything_that_belongs_to_the_session() -> None:
    server = make_server()
    pair = await server.pair()
    me = pair.first.browser
    await pair.first.send("twelve bytes")
    more = (await me.get(f"{pair.first.path}/people")).page
    await me.submit(more.form("/mute"), who="2")
    await me.submit(more.form("/again"))
    room = await join_room(me)
    name = re.search(r"You are (.+), in", (await me.get(room.path)).page.text)
    assert name is not None
    text = await page_of(me)
    for item in (
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
        assert item in text, item


@pytest.mark.parametrize("known", [True, False])
async def test_name_of_the_circuit_is_listed_where_circuits_are_known(known: bool) -> None:
    server = make_server()
    server.services.safeguards = Safeguards(knows_circuits=known)
    me = (await server.pair()).first.browser
    listed = "A random name of the Tor circuit that you come through, 16 bytes."
    assert (listed in await page_of(me)) == known


async def test_page_lists_waiting_while_it_lasts() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    assert "That you wait." in await page_of(browser)
    await browser.submit((await browser.get("/wait")).page.form("/cancel"))
    assert "That you wait." not in await page_of(browser)


async def test_page_shows_the_visitors_own_time_and_traffic() -> None:
    server = make_server()
    pair = await server.pair()
    server.clock.advance(30 * 60)
    await pair.second.send("words")
    text = await page_of(pair.second.browser)
    assert "You have been here for about 30 minutes." in text
    spent, hour = (int(found) for found in re.findall(r"bout (\d+) KiB", text)[:2])
    assert spent > 0
    assert spent <= hour <= 2 * spent + 2
    assert f"in about {SESSION_LIFE_S // 3_600} hours at the latest" in text


async def test_traffic_of_an_hour_is_estimated_only_after_some_time() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    for minutes in (0, 1, 5, 14):
        server.clock.now_s = 1_000.0 + minutes * 60
        assert "An hour like this" not in await page_of(browser)
    server.clock.now_s = 1_000.0 + ESTIMATE_AFTER_S
    assert "An hour like this" in await page_of(browser)


@pytest.mark.parametrize(
    ("exact", "shown"), [(0, 0), (7, 7), (99, 99), (104, 100), (1_521, 1_500), (99_600, 100_000)]
)
def test_amount_of_data_has_two_digits(exact: int, shown: int) -> None:
    assert two_digits(exact) == shown


async def test_traffic_counts_request_and_response() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")

    def spent() -> int:
        (session,) = server.store._sessions.values()  # type: ignore[attr-defined]
        return int(session.lifetime.traffic_bytes)

    before = spent()
    reply = await browser.get("/about")
    length = int(reply.headers["content-length"])
    # The response's body and both heads, and nothing else.
    assert length + 400 < spent() - before < length + 1_500


async def test_own_limit_is_stored_and_its_notice_shown_when_reached() -> None:
    server = make_server()
    pair = await server.pair()
    form = (await pair.first.browser.get("/mine")).page.form("/mine/time")
    await pair.first.browser.submit(form, still="60", minutes="15", kib="0")
    reply = await pair.first.browser.get("/mine")
    assert re.search(r"<option value=15 selected>", reply.body.decode())
    plain = f"{pair.first.path}/plain"
    assert b"the limit that you set" not in (await pair.first.browser.get(plain)).body
    server.clock.advance(15 * 60)
    assert b"the limit that you set" in (await pair.first.browser.get(plain)).body


async def test_unknown_choice_changes_nothing() -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    form = (await browser.get("/mine")).page.form("/mine/time")
    for odd in ({"still": "31"}, {"minutes": "1"}, {"kib": "-1"}, {"kib": "x"}):
        reply = await browser.submit(form, **{"still": "60", "minutes": "15", "kib": "0", **odd})
        assert reply.path == "/mine"
        assert "<option value=30 selected>" in reply.body.decode()
    assert 0 in OWN_LIMIT_KIB


async def test_neutral_titles_reveal_nothing_on_any_page() -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    mine = (await browser.get("/mine")).page
    await browser.submit(mine.form("/mine/title"), dull="yes")
    for path in ("/", "/rooms", "/mine", pair.first.path, f"{pair.first.path}/plain?every=10"):
        assert (await browser.get(path)).page.title == "Empty"
    await browser.submit((await browser.get("/mine")).page.form("/mine/title"), dull="no")
    assert (await browser.get("/rooms")).page.title == "Rooms · Sottovoce"


async def test_constant_rate_is_offered_with_its_cost_and_then_applies() -> None:
    server = make_server()
    pair = await server.pair()
    browser = pair.first.browser
    mine = (await browser.get("/mine")).page
    for cost in ("70 KiB in an hour", "875 KiB an hour", "350 KiB an hour", "175 KiB an hour"):
        assert cost in mine.text
    await browser.submit(mine.form("/mine/steady"), steady="5")
    async with browser.watch(f"{pair.first.path}/live") as stream:
        assert "Steady: one cell about every 5 seconds" in stream.head
    assert (
        "Steady: one cell about every 5 seconds" in (await browser.get(pair.first.path)).page.text
    )
    assert "value=5 checked" in (await browser.get("/mine")).body.decode()
    for odd in ("3", "-1", "x", ""):
        await browser.submit((await browser.get("/mine")).page.form("/mine/steady"), steady=odd)
    assert "value=5 checked" in (await browser.get("/mine")).body.decode()
    await browser.submit((await browser.get("/mine")).page.form("/mine/steady"), steady="0")
    async with browser.watch(f"{pair.first.path}/live") as stream:
        assert "Steady" not in stream.head


async def test_foreign_form_changes_nothing() -> None:
    server = make_server()
    pair = await server.pair()
    for path, field in (("/mine/time", {"still": "10"}), ("/mine/title", {"dull": "yes"})):
        reply = await pair.first.browser.send(path, field)
        assert reply.status == 403
    assert (await pair.first.browser.get("/mine")).page.title != "Empty"


async def test_page_language_can_be_chosen() -> None:
    server = make_server()
    pair = await server.pair()
    form = (await pair.first.browser.get("/mine")).page.form("/language")
    assert [value for _, value in form.buttons] == ["en", "fa"]
    await pair.first.browser.submit(form, lang="fa")
    assert b"<html lang=fa dir=rtl>" in (await pair.first.browser.get(pair.first.path)).body


async def test_conversations_are_listed_with_links() -> None:
    server = make_server()
    pair = await server.pair()
    room = await join_room(pair.first.browser)
    links = (await pair.first.browser.get("/mine")).page.links.values()
    assert {pair.first.path, room.path} <= set(links)
    assert "/rooms" in (await pair.first.browser.get("/")).page.links.values()
