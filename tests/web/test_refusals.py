"""A form is never answered with a page of its own: every refusal leads to the page it came from.

Every POST route with a session, and every refusal that a store can give it, is tried. What the page
shows is compared with the table of failures.
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from server.core.errors import NotAMemberError, VisitorError
from server.core.limits import KEPT_S, POST_BURST
from server.demo.text_browser import Reply
from server.web.edge.error_pages import FAILURES
from server.web.form_pages import FORM_PAGES
from tests.failures import Failures
from tests.fakes import join_room, press_intent

from .appbrowser import AppBrowser, AppServer, make_server
from .asking import PreparedRequest
from .refusing import refusing
from .routes import ROUTES, method_of
from .snapshot import snapshot_of
from .ways import WAYS, ask

TOO_LARGE = b"token=x&text=" + b"a" * 20_000
WITHOUT_REFUSAL = {"POST /panic"}
"""It is answered in the same way whatever happens."""

POSTS = [route for route in ROUTES if method_of(route) == "POST" and route not in WITHOUT_REFUSAL]
LED_ON = {f"POST /chat/<chat_id>/{name}" for name in ("leave", "next", "never")}
"""Whoever is not there has nothing to leave, and is led on."""

PERSIAN = "\u0645\u062a\u0646\u0650 \u0645\u0646"


async def with_session(route: str) -> PreparedRequest:
    """Prepare a request of a visitor who has a session already."""
    prepared, way = await WAYS[route].prepare(), WAYS[route]
    if not way.is_first:
        return prepared
    browser = prepared.browser
    await press_intent(browser, "any")
    page = {"pair": "/pair", "open": "/rooms/new"}.get(way.form, "/rooms")
    form = (await browser.get(page)).page.form(prepared.path)
    return PreparedRequest(
        prepared.server, browser, prepared.path, {**prepared.fields, **form_token(form.fields)}
    )


def form_token(fields: dict[str, str]) -> dict[str, str]:
    return {"token": fields["token"]}


async def follow(prepared: PreparedRequest, reply: Reply) -> Reply:
    """Follow the redirect of a refused form; it has one, and leads to a page that shows why."""
    assert (reply.status, reply.body) == (303, b"")
    return await prepared.browser.request("GET", reply.headers["location"])


@pytest.mark.slow
async def test_every_refusal_of_every_form_leads_to_a_page_that_shows_it() -> None:
    with Failures() as failures:
        for route in POSTS:
            prepared = await with_session(route)
            for kind in FAILURES:
                if not (route in LED_ON and kind is NotAMemberError):
                    with failures.of(f"{route}, {kind.__name__}"):
                        await check_refusal(route, prepared, kind)


async def check_refusal(route: str, prepared: PreparedRequest, kind: type[VisitorError]) -> None:
    services = prepared.server.services
    store, services.store = services.store, refusing(services.store, kind)
    try:
        reply = await ask(route, prepared)
    finally:
        services.store = store
    if "kept=" not in reply.headers.get("location", "kept="):
        return  # this view does not ask the store for anything that it could refuse
    page = await follow(prepared, reply)
    shown = page.body.decode()
    failure, typed = FAILURES[kind], WAYS[route].typed
    assert page.status == failure.status
    assert f"data-problem={failure.code}>" in shown
    assert shown.count("role=alert") == 1
    if typed and not page.path.startswith("/wait/pause"):
        values = [form.fields.get(typed) for form in page.page.forms]
        assert prepared.fields[typed] in values or page.path.startswith("/over")


@pytest.mark.checklist(14)
async def test_foreign_token_and_large_body_lead_to_a_page_that_shows_it() -> None:
    with Failures() as failures:
        for route in POSTS:
            if route != "POST /language":
                with failures.of(route):
                    await check_foreign(route)
            with failures.of(f"{route}, too much"):
                await check_too_large(route)


async def check_foreign(route: str) -> None:
    prepared = await with_session(route)
    body = urlencode({**prepared.fields, "token": "bad"}).encode()
    page = await follow(prepared, await prepared.browser.request("POST", prepared.path, body))
    assert page.status == 403
    assert "data-problem=foreign-form>" in page.body.decode()
    typed = WAYS[route].typed
    if typed:
        assert prepared.fields[typed] in [form.fields.get(typed) for form in page.page.forms]


async def check_too_large(route: str) -> None:
    prepared = await with_session(route)
    page = await follow(prepared, await prepared.browser.request("POST", prepared.path, TOO_LARGE))
    assert page.status == 413
    assert "data-problem=too-long>" in page.body.decode()
    assert "a" * 100 not in page.body.decode()


async def test_no_form_of_a_session_is_answered_with_200() -> None:
    with Failures() as failures:
        for route in POSTS:
            with failures.of(route):
                prepared = await with_session(route)
                assert (await ask(route, prepared)).status == 303
                assert (await ask(route, prepared)).status == 303


def test_every_form_has_its_page() -> None:
    app = make_server().app
    served = {
        rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())
    }
    assert served - {"panic.forget_all"} == set(FORM_PAGES)


@pytest.mark.parametrize("route", ["POST /pair", "POST /rooms/new", "POST /invite"])
async def test_without_a_session_the_page_comes_at_once(route: str) -> None:
    prepared = await WAYS[route].prepare()
    body = urlencode({**prepared.fields, "token": "bad"}).encode()
    reply = await prepared.browser.request("POST", prepared.path, body)
    assert reply.status == 403
    assert "data-problem=foreign-form>" in reply.body.decode()


async def refused(server: AppServer, text: str) -> tuple[AppBrowser, str]:
    """Send a message that is refused; return the browser and the place that it is led to."""
    pair = await server.pair()
    for number in range(POST_BURST):
        await pair.first.send(f"{number}")
    form = (await pair.first.browser.get(f"{pair.first.path}/composer")).page.form("/messages")
    reply = await pair.first.browser.post(form.action, {**form.fields, "text": text})
    return pair.first.browser, reply.headers["location"]


@pytest.mark.parametrize("text", ["some words", PERSIAN, "two\nlines", "<b>&amp; \"'"])
async def test_reload_shows_the_words_again_and_changes_nothing(text: str) -> None:
    server = make_server()
    browser, place = await refused(server, text)
    before = snapshot_of(server.store)
    for _ in range(3):
        page = await browser.get(place)
        assert page.status == 429
        assert page.page.form("/messages").fields["text"] == text
        assert page.page.form("/messages").fields["more_text"] == ""
    assert snapshot_of(server.store) == before


async def test_only_that_page_shows_the_words_and_only_for_a_while() -> None:
    server = make_server()
    browser, place = await refused(server, "secret words")
    path, _, kept = place.partition("?")
    kept_id = kept.partition("=")[2].partition("#")[0]
    others = [path, f"{path}?kept=AAAAAAAAAAAA", f"/rooms?kept={kept_id}", f"/?kept={kept_id}"]
    for other in others:
        page = await browser.get(other)
        assert (page.status, "secret words" in page.body.decode()) == (200, False)
    stranger = (await server.pair()).first
    for who in (stranger.browser, server.browser()):
        page = await who.get(place)
        unknown = await who.get(place.replace(path.split("/")[2], "abcdefghijkl"))
        assert page.status == 404
        assert page.body == unknown.body
    server.clock.advance(KEPT_S)
    late = await browser.get(place)
    assert (late.status, late.page.form("/messages").fields["text"]) == (200, "")


async def test_form_in_a_frame_leads_to_the_url_that_the_frame_has() -> None:
    server = make_server()
    pair = await server.pair()
    path, frame = f"{pair.first.path}/composer", {"sec-fetch-dest": "iframe"}
    form = (await pair.first.browser.get(path)).page.form("/messages")
    body = urlencode({**form.fields, "text": "x" * 2_001}).encode()
    reply = await pair.first.browser.request("POST", form.action, body, frame)
    assert (reply.status, reply.headers["location"]) == (303, f"{path}#m")
    for _ in range(2):
        shown = await pair.first.browser.request("GET", path, headers=frame)
        assert shown.page.form("/messages").fields["text"] == "x" * 2_001
        assert shown.status == 413
    # Nothing else shows it, and an accepted message ends it.
    assert (await pair.first.browser.get(path)).page.form("/messages").fields["text"] == ""
    again = shown.page.form("/messages")
    body = urlencode({**again.fields, "text": "shorter"}).encode()
    await pair.first.browser.request("POST", again.action, body, frame)
    shown = await pair.first.browser.request("GET", path, headers=frame)
    assert (shown.status, shown.page.form("/messages").fields["text"]) == (200, "")


async def test_kept_words_and_what_is_typed_below_are_one_message() -> None:
    server = make_server()
    pair = await server.pair()
    for kept, more, several, sent in (
        ("one", "two", "", "one two"),
        ("one", "two", "1", "one\ntwo"),
        ("one\nand a half", "two", "", "one\nand a half\ntwo"),
        ("one", " ", "", "one"),
        ("", "two", "", "two"),
        ("\u06cc\u06a9", "\u062f\u0648", "", "\u06cc\u06a9 \u062f\u0648"),
    ):
        form = (await pair.first.browser.get(f"{pair.first.path}/composer")).page.form("/messages")
        server.clock.advance(2)
        fields = {**form.fields, "text": kept, "more_text": more, "several": several}
        await pair.first.browser.post(form.action, fields)
        assert (await pair.second.texts())[-1] == sent


async def test_refused_message_comes_back_on_the_plain_page() -> None:
    server = make_server()
    pair = await server.pair()
    plain = await pair.first.browser.get(f"{pair.first.path}/plain?write=30&after=1")
    form = plain.page.form("/messages")
    page = await pair.first.browser.submit(form, text=" ")
    assert (page.status, page.path.partition("&kept=")[0]) == (
        400,
        f"{pair.first.path}/plain?after=1&write=30",
    )
    assert page.page.form("/messages").fields["every"] == "30"
    assert page.body.decode().count("data-problem=empty") == 1


async def test_refused_pair_form_keeps_every_box() -> None:
    server = make_server()
    browser = server.browser()
    await press_intent(browser, "any")
    form = (await browser.get("/pair")).page.form("/pair")
    topics = list(server.services.topics)
    pairs = [
        ("token", form.fields["token"]),
        ("intent", "listen"),
        ("speak", "fa"),
        ("speak", "de"),
    ]
    pairs += [("topic", topics[0]), ("limits", topics[0]), ("limits", topics[1])]
    page = await browser.press("/pair", urlencode(pairs).encode())
    shown = page.body.decode()
    assert page.status == 400
    assert "data-problem=contradiction" in shown
    for name, value in pairs[1:]:
        assert f"name={name} value={value} checked" in shown
    assert shown.count(" checked") == len(pairs) - 1


async def test_sentence_stands_at_the_field_that_it_speaks_of() -> None:
    server = make_server()
    browser = (await join_room(server.browser())).browser
    page = await browser.submit((await browser.get("/rooms")).page.form("/invite"), code="wrong")
    shown = page.body.decode()
    assert page.path.endswith("#code")
    assert shown.index("Private rooms") < shown.index("data-problem=wrong-code")
    between = shown[shown.index("data-problem=wrong-code") : shown.index("<input id=code")]
    assert "<h2" not in between
    empty = await browser.submit((await browser.get("/rooms")).page.form("/invite"), code=" ... ")
    assert "data-problem=empty" in empty.body.decode()
    assert "mistyped" not in empty.page.text


async def test_refused_room_stays_filled_in() -> None:
    server = make_server()
    browser = (await join_room(server.browser())).browser
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    page = await browser.submit(form, title="x" * 61, uses="1", minutes="10")
    assert page.status == 400
    assert page.page.form("/rooms/new").fields["title"] == "x" * 61
    assert "value=1 selected" in page.body.decode()
    assert "value=10 selected" in page.body.decode()


async def test_length_is_named_by_how_much_it_is_too_long() -> None:
    pair = await make_server().pair()
    assert "7 characters too long" in (await pair.first.send("a" * 2_007)).page.text
    assert "8 bytes too long" in (await pair.first.send("\U0001f600" * 1_502)).page.text


async def test_form_from_elsewhere_keeps_nothing() -> None:
    server = make_server()
    pair = await server.pair()
    body = urlencode({"text": "not my words"}).encode()
    path, headers = f"{pair.first.path}/messages", {"sec-fetch-site": "cross-site"}
    reply = await pair.first.browser.request("POST", path, body, headers)
    assert reply.status == 403
    assert "was not accepted" not in (await pair.first.browser.get("/mine")).page.text


async def test_everything_kept_is_on_the_page_of_the_session() -> None:
    server = make_server()
    browser, _ = await refused(server, "some words")
    text = (await browser.get("/mine")).page.text
    assert "A form that was not accepted" in text
    server.clock.advance(KEPT_S)
    await server.store.sweep()
    assert "A form that was not accepted" not in (await browser.get("/mine")).page.text


async def test_reload_of_an_invitation_opens_no_second_room() -> None:
    server = make_server()
    browser = server.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    shown = await browser.submit(form, title="A title")
    assert shown.path.endswith("/invitation")
    again = await browser.get(shown.path)
    assert b"<output id=invitation" in again.body
    assert again.body == shown.body
    assert (await server.store.counts()).conversations == 1
    assert "The codes of invitations" in (await browser.get("/mine")).page.text
