"""On the start page, one press starts a session; nothing is stored before that."""

from __future__ import annotations

import re

import pytest

from server.core.limits import HEAD_COUNT_MAX_S, Capacity
from server.store.contract.chat import Counts
from tests.fakes import press_intent

from .appbrowser import make_server

EMPTY_STORE = Counts(sessions=0, waiting=0, conversations=0, streams=0)


async def test_start_page_offers_three_intents_and_the_static_pages() -> None:
    start_page = (await make_server().browser().get("/")).page
    assert start_page.form("/pair").buttons == [
        ("intent", "talk"),
        ("intent", "listen"),
        ("intent", "any"),
    ]
    assert {"/pair", "/safety", "/privacy", "/help", "/about"} <= set(start_page.links.values())


async def test_long_form_offers_the_same_three_intents() -> None:
    page = await make_server().browser().get("/pair")
    values = re.findall(r"type=radio name=intent value=(\w+)", page.body.decode())
    assert values == ["talk", "listen", "any"]
    assert page.page.form("/pair").fields["intent"] == "any"


@pytest.mark.checklist(13)
async def test_gets_before_the_first_post_store_nothing_and_set_no_cookie() -> None:
    server = make_server()
    paths = ("/", "/pair", "/wait", "/wait/live", "/safety", "/privacy", "/help", "/about")
    for path in paths:
        reply = await server.browser().request("GET", path)
        assert "set-cookie" not in reply.headers
    assert await server.store.counts() == EMPTY_STORE


@pytest.mark.checklist(11)
async def test_first_accepted_post_sets_a_restricted_cookie() -> None:
    server = make_server()
    start_page = await server.browser().get("/")
    form = start_page.page.form("/pair")
    posted = await server.browser().post(form.action, {**form.fields, "intent": "talk"})
    assert (posted.status, posted.headers["location"]) == (303, "/wait")
    value, *attributes = posted.headers["set-cookie"].split("; ")
    assert re.fullmatch(r"__Host-s=[\w-]{43}", value)
    assert set(attributes) == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}


async def test_second_match_request_sets_no_second_cookie() -> None:
    browser = make_server().browser()
    await press_intent(browser, "talk")
    cookie, start_page = browser.cookie, await browser.get("/")
    form = start_page.page.form("/pair")
    posted = await browser.post(form.action, {**form.fields, "intent": "any"})
    assert "set-cookie" not in posted.headers
    assert browser.cookie == cookie


@pytest.mark.checklist(12)
async def test_cookie_of_a_forgotten_session_is_replaced() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    old = browser.cookie
    server.clock.advance(13 * 60 * 60)
    await server.store.sweep()
    assert (await press_intent(browser, "talk")).path == "/wait"
    assert browser.cookie != old


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "=" * 43, "é" * 43, "a" * 4_000])
async def test_invalid_cookie_is_treated_as_no_cookie(cookie: str) -> None:
    server = make_server()
    browser = server.browser(cookie=f"__Host-s={cookie}")
    assert (await browser.get("/")).status == 200
    assert (await browser.get("/chat/abcdefghijkl")).status == 404
    assert not server.services.failures


async def test_fitting_visitor_is_matched_at_once_and_others_wait() -> None:
    server = make_server()
    assert (await press_intent(server.browser(), "talk")).path == "/wait"
    assert (await press_intent(server.browser(), "talk")).path == "/wait"
    assert (await press_intent(server.browser(), "listen")).path.startswith("/chat/")


@pytest.mark.parametrize("intent", ["", "shout", "TALK", "talk "])
async def test_unknown_intent_shows_the_form_again(intent: str) -> None:
    server = make_server()
    reply = await press_intent(server.browser(), intent)
    assert reply.status == 400
    assert "Please choose one of the three." in reply.page.text
    assert reply.page.form("/pair").fields["token"]
    assert await server.store.counts() == EMPTY_STORE


@pytest.mark.checklist(14)
@pytest.mark.parametrize("token", [None, "", "x", "AAAAAAAAAAAAAA", "é", "\x00", "=" * 14])
async def test_missing_or_made_up_token_is_refused_and_keeps_the_choice(
    token: str | None,
) -> None:
    server = make_server()
    fields = {"intent": "listen"} | ({} if token is None else {"token": token})
    reply = await server.browser().post("/pair", fields)
    assert reply.status == 403
    assert "This form is no longer valid" in reply.page.text
    assert reply.page.form("/pair").fields["intent"] == "listen"
    again = await server.browser().submit(reply.page.form("/pair"))
    assert again.path == "/wait"


@pytest.mark.checklist(14)
async def test_token_of_another_session_is_refused() -> None:
    server = make_server()
    browser, other = server.browser(), server.browser()
    await press_intent(browser, "talk")
    await press_intent(other, "talk")
    foreign = (await other.get("/")).page.form("/pair")
    assert (await browser.submit(foreign, intent="any")).status == 403


@pytest.mark.checklist(14)
@pytest.mark.parametrize(("age_s", "status"), [(59 * 60, 303), (91 * 60, 403)])
async def test_start_page_token_is_valid_for_an_hour(age_s: int, status: int) -> None:
    server = make_server()
    form = (await server.browser().get("/")).page.form("/pair")
    server.clock.advance(age_s)
    posted = await server.browser().post(form.action, {**form.fields, "intent": "talk"})
    assert posted.status == status


@pytest.mark.checklist(14)
async def test_form_from_before_the_session_needs_one_more_press() -> None:
    server = make_server()
    browser = server.browser()
    door, long_form = [(await browser.get(path)).page.form("/pair") for path in ("/", "/pair")]
    await browser.submit(door, intent="talk")
    before = await server.store.counts()
    for form, chosen in ((door, "listen"), (long_form, "talk")):
        refused = await browser.submit(form, intent=chosen)
        assert refused.status == 403
        assert "This form is no longer valid" in refused.page.text
        again = refused.page.form("/pair")
        assert again.fields["intent"] == chosen
        assert await server.store.counts() == before
        assert (await browser.submit(again)).path == "/wait"


@pytest.mark.checklist(14)
@pytest.mark.parametrize(
    ("shown_on", "action", "typed"),
    [
        ("/rooms", "/rooms/common/join", {}),
        ("/rooms", "/invite", {"code": "one two three four"}),
        ("/rooms/new", "/rooms/new", {"title": "Gardening"}),
    ],
)
async def test_other_first_forms_need_one_more_press_too(
    shown_on: str, action: str, typed: dict[str, str]
) -> None:
    browser = make_server().browser()
    form = (await browser.get(shown_on)).page.form(action)
    await press_intent(browser, "talk")
    refused = await browser.send(action, {**form.fields, **typed})
    assert refused.status == 403
    again = refused.page.form(action)
    assert typed.items() <= again.fields.items()
    assert (await browser.send(action, again.fields)).status != 403


async def test_form_from_before_a_session_that_was_forgotten_works() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    form = (await server.browser().get("/")).page.form("/pair")
    server.clock.advance(25 * 60)
    await server.store.sweep()
    assert (await browser.submit(form, intent="talk")).path == "/wait"


@pytest.mark.checklist(14)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": ""}, 403),
        ({"origin": "http://sottovoce"}, 303),
        ({"origin": "HTTP://Sottovoce"}, 303),
        ({"origin": "null"}, 403),
        ({"origin": "http://elsewhere"}, 403),
        ({"origin": "http://sottovoce.elsewhere"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://sottovoce"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
    ],
)
async def test_form_from_a_foreign_page_is_refused(headers: dict[str, str], status: int) -> None:
    browser = make_server().browser()
    form = (await browser.get("/")).page.form("/pair")
    body = f"token={form.fields['token']}&intent=talk".encode()
    assert (await browser.request("POST", "/pair", body, headers)).status == status


async def test_browser_that_refuses_the_cookie_sees_what_to_change() -> None:
    server = make_server()
    form = (await server.browser().get("/")).page.form("/pair")
    await server.browser().post(form.action, {**form.fields, "intent": "talk"})
    # Without the cookie, the redirect to /wait leads on to the page about cookies.
    reply = await server.browser(referer="http://sottovoce/").get("/wait")
    assert reply.path == "/cookies"
    assert "dom.securecontext.allowlist_onions" in reply.page.text


async def test_refused_cookie_is_explained_when_matched_at_once_too() -> None:
    server = make_server()
    await press_intent(server.browser(), "talk")
    form = (await server.browser().get("/")).page.form("/pair")
    posted = await server.browser().post(form.action, {**form.fields, "intent": "listen"})
    matched = posted.headers["location"]
    assert matched.startswith("/chat/")
    for path in (matched, "/chat/never-was"):
        reply = await server.browser(referer="http://sottovoce/").get(path)
        assert reply.status == 404
        assert "dom.securecontext.allowlist_onions" in reply.page.text


REFERERS = ["", "http://sottovoce/", "http://sottovoce/pair", "http://sottovoce/wait", "http://["]


@pytest.mark.parametrize("referer", REFERERS)
@pytest.mark.parametrize("path", ["/", "/?lang=fa", "/nothing"])
async def test_page_without_a_first_form_before_it_mentions_no_cookies(
    referer: str, path: str
) -> None:
    reply = await make_server().browser(referer=referer).get(path)
    assert "dom.securecontext" not in reply.body.decode()


async def test_waiting_page_without_a_session_redirects_to_start() -> None:
    assert (await make_server().browser().get("/wait")).path == "/"
    reply = await make_server().browser(referer="http://sottovoce/safety").get("/wait")
    assert reply.path == "/"


async def test_start_page_links_to_the_queue_and_the_conversation() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    assert "/wait" in (await browser.get("/")).page.links.values()
    matched = await press_intent(server.browser(), "listen")
    assert matched.path.startswith("/chat/")
    links = (await browser.get("/")).page.links.values()
    assert [link for link in links if link.startswith("/chat/")]


async def test_full_queue_refuses_newcomers_without_affecting_those_who_wait() -> None:
    server = make_server(Capacity(tickets=1))
    earlier = server.browser()
    await press_intent(earlier, "talk")
    before = await server.store.counts()
    refused = await press_intent(server.browser(), "talk")
    assert refused.status == 503
    assert "This server is full" in refused.page.text
    assert (await earlier.get("/wait")).path == "/wait"
    # A refused visitor leaves nothing behind that would fill the server further.
    assert await server.store.counts() == before


async def test_server_full_of_conversations_refuses_newcomers() -> None:
    server = make_server(Capacity(sessions=2))
    pair = await server.pair()
    before = await server.store.counts()
    refused = await press_intent(server.browser(), "talk")
    assert refused.status == 503
    assert "This server is full" in refused.page.text
    await pair.first.send("nobody left")
    assert await server.store.counts() == before


async def test_thirty_sessions_in_ten_seconds_are_all_accepted() -> None:
    server = make_server()
    assert [(await press_intent(server.browser(), "any")).status for _ in range(30)] == [200] * 30


async def test_start_page_says_roughly_how_many_people_are_here() -> None:
    server = make_server()
    assert "Fewer than ten people are here." in (await server.browser().get("/")).page.text
    inside = [server.browser() for _ in range(24)]
    for browser in inside:
        await press_intent(browser, "listen")
    shown = set()
    for _ in range(3):
        server.clock.advance(HEAD_COUNT_MAX_S)
        for browser in inside:
            shown.add(re.findall("[^.]*people are here.", (await browser.get("/")).page.text)[0])
        shown.add(
            re.findall("[^.]*people are here.", (await server.browser().get("/")).page.text)[0]
        )
    assert {sentence.strip() for sentence in shown} == {"About 20 people are here."}
    assert "حدود ۲۰ نفر اینجا هستند" in (await server.browser().get("/?lang=fa")).page.text
