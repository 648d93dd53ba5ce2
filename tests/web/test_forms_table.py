"""Every form and every URL: replayed, sent twice, sent from another site, and with a foreign id.

The routes are those of the application's own URL map, see `ways.py`. The store's whole content is
compared while the clock stands still.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from server.core.ids import ChatId, Secret
from server.demo.text_browser import Reply
from tests.failures import Failures
from tests.fakes import join_room

from .asking import PreparedRequest, opened
from .routes import ROUTES, UNKNOWN_ID, method_of
from .snapshot import snapshot_of, snapshot_without_kept
from .ways import WAYS, ask

GETS = [route for route in ROUTES if method_of(route) == "GET"]
POSTS = [route for route in ROUTES if method_of(route) == "POST"]
WITHOUT_TOKEN = {"POST /language", "POST /panic"}
"""By contract: there is no token before a session, and panic must work from an old page."""

FORMS = [route for route in POSTS if route not in WITHOUT_TOKEN]

COUNTS_EACH_TIME = {
    # Each shows a new code, which cannot be shown again: only a hash of it is kept.
    "POST /chat/<chat_id>/again",
    "POST /chat/<chat_id>/invitation",
    # The same button undoes the action.
    "POST /chat/<chat_id>/mute",
}
FROM_ELSEWHERE = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "http://elsewhere.onion"},
    {"origin": "null"},
)
OF_ONE_SESSION = [route for route in ROUTES if "<chat_id>" in route]


async def check_routes(routes: Iterable[str], check: Callable[[str], Awaitable[None]]) -> None:
    """Apply a check to each route and report all failures together."""
    with Failures() as failures:
        for route in routes:
            with failures.of(route):
                await check(route)


async def active(route: str) -> PreparedRequest:
    """Prepare a request of a visitor who has just been active.

    Every request counts as activity, even a refused one. The clock stands still, so a refused
    request after this one changes nothing.
    """
    prepared = await WAYS[route].prepare()
    await prepared.browser.get("/help")
    return prepared


@pytest.mark.checklist(13)
async def test_replayed_get_changes_nothing() -> None:
    await check_routes(GETS, check_replayed)


async def check_replayed(route: str) -> None:
    prepared = await WAYS[route].prepare()
    first = await ask(route, prepared)
    before = snapshot_of(prepared.server.store)
    again = await ask(route, prepared)
    assert snapshot_of(prepared.server.store) == before
    assert "set-cookie" not in first.headers | again.headers


@pytest.mark.checklist(13)
async def test_get_without_a_session_stores_nothing() -> None:
    await check_routes(GETS, check_sessionless)


async def check_sessionless(route: str) -> None:
    prepared = await WAYS[route].prepare()
    before = snapshot_of(prepared.server.store)
    reply = await ask(route, replace(prepared, browser=prepared.server.browser()))
    assert snapshot_of(prepared.server.store) == before
    assert "set-cookie" not in reply.headers


@pytest.mark.checklist(13, 15)
async def test_post_changes_the_store() -> None:
    """Check that the comparison of the other tests detects a change."""
    await check_routes(POSTS, check_changes)


async def check_changes(route: str) -> None:
    prepared = await WAYS[route].prepare()
    prepared.server.clock.advance(1)
    before = snapshot_of(prepared.server.store)
    await ask(route, prepared)
    assert snapshot_of(prepared.server.store) != before


@pytest.mark.checklist(15)
async def test_form_sent_twice_counts_once() -> None:
    await check_routes(POSTS, check_sent_twice)


async def check_sent_twice(route: str) -> None:
    prepared = await WAYS[route].prepare()
    first = await ask(route, prepared)
    # The list of rooms publishes each head count when it is first shown.
    await prepared.server.browser().get("/rooms")
    # With a new cookie, if the first answer had one: the store notes that it was received.
    await prepared.browser.get("/help")
    before = snapshot_without_kept(prepared.server.store)
    again = await ask(route, prepared)
    assert (snapshot_without_kept(prepared.server.store) == before) == (
        route not in COUNTS_EACH_TIME
    )
    assert again.status in {first.status, 303, 403, 404}
    assert not prepared.server.services.failures


@pytest.mark.checklist(14)
async def test_form_without_its_token_is_refused_and_keeps_the_text() -> None:
    await check_routes(FORMS, check_without_token)


async def check_without_token(route: str) -> None:
    way, prepared = WAYS[route], await active(route)
    stranger, _ = await opened(prepared.server)
    page = (await stranger.browser.get("/mine")).page
    foreign = page.form("/mine/title").fields["token"]
    before = snapshot_without_kept(prepared.server.store)
    typed = {name: value for name, value in prepared.fields.items() if name != "token"}
    for fields in (typed, {**typed, "token": ""}, {**typed, "token": foreign}):
        check_refused(await followed(route, replace(prepared, fields=fields)), way.typed, typed)
    # What was refused is kept, and nothing else has changed.
    assert snapshot_without_kept(prepared.server.store) == before


@pytest.mark.checklist(14)
async def test_form_from_another_site_is_refused_and_keeps_the_text() -> None:
    await check_routes(FORMS, check_from_elsewhere)


async def check_from_elsewhere(route: str) -> None:
    way, prepared = WAYS[route], await active(route)
    before = snapshot_of(prepared.server.store)
    for headers in FROM_ELSEWHERE:
        check_refused(await ask(route, prepared, headers), way.typed, prepared.fields)
    assert snapshot_of(prepared.server.store) == before


async def followed(route: str, prepared: PreparedRequest) -> Reply:
    """Send the request, and follow its redirect."""
    reply = await ask(route, prepared)
    if reply.status != 303:
        return reply
    return await prepared.browser.get(reply.headers["location"])


def check_refused(reply: Reply, typed: str, fields: Mapping[str, str]) -> None:
    """Check that a refused form is shown again with the visitor's text, and sets no cookie."""
    assert reply.status == 403
    assert "data-problem=foreign-form" in reply.body.decode()
    assert "set-cookie" not in reply.headers
    if typed:
        kept = [form.fields.get(typed) for form in reply.page.forms]
        assert fields[typed] in kept


@pytest.mark.checklist(17)
async def test_foreign_id_is_answered_like_an_unknown_one() -> None:
    await check_routes(OF_ONE_SESSION, check_foreign_id)


async def check_foreign_id(route: str) -> None:
    prepared = await WAYS[route].prepare()
    other = (await join_room(prepared.server.browser())).browser
    for browser in (other, prepared.server.browser()):
        foreign = replace(prepared, browser=browser)
        answers = [await ask(route, foreign), await ask(route, with_unknown_id(foreign))]
        assert len({(a.status, a.body, str(a.headers)) for a in answers}) == 1
        # A session that is no member is led on, to a page without the id.
        is_led_on = bool(prepared.fields) and browser is other
        assert answers[0].status == (303 if is_led_on else 403 if prepared.fields else 404)
    # The path itself is valid: its owner gets another answer.
    assert (await ask(route, prepared)).status == WAYS[route].status


@pytest.mark.checklist(17)
async def test_valid_token_for_a_foreign_id_gives_no_access() -> None:
    """A session may hold such a token because of a bug, or from an id that was once its own."""
    posts = [route for route in OF_ONE_SESSION if method_of(route) == "POST"]
    await check_routes(posts, check_foreign_token)


async def check_foreign_token(route: str) -> None:
    prepared = await WAYS[route].prepare()
    other = (await join_room(prepared.server.browser())).browser
    foreign = replace(prepared, browser=other)
    before = snapshot_without_kept(prepared.server.store)
    answers = [
        await ask(route, with_right_token(route, one))
        for one in (foreign, with_unknown_id(foreign))
    ]
    one, none = [
        (a.status, a.body.replace(b.path.encode(), b""), str(a.headers).replace(id_of(b.path), ""))
        for a, b in zip(answers, (foreign, with_unknown_id(foreign)), strict=True)
    ]
    assert one == none
    assert answers[0].status == 303
    assert snapshot_without_kept(prepared.server.store) == before


def with_unknown_id(prepared: PreparedRequest) -> PreparedRequest:
    """Return the same request with an id that never existed."""
    return replace(prepared, path=prepared.path.replace(id_of(prepared.path), UNKNOWN_ID))


def id_of(path: str) -> str:
    """Return the id in a path: the part after `/chat/` or `/knock/`."""
    return path.split("/")[2].partition("?")[0]


def with_right_token(route: str, prepared: PreparedRequest) -> PreparedRequest:
    """Return the same request with a token made for its session and its path."""
    secret = Secret.from_cookie(prepared.browser.cookie.partition("=")[2])
    assert secret is not None
    form, tokens, chat_id = WAYS[route].form, prepared.server.services.tokens, id_of(prepared.path)
    if form == "composer":
        token = tokens.composer(secret.handle, ChatId(chat_id), 0)
    else:
        token = tokens.form(secret.handle, form, chat_id)
    return replace(prepared, fields={**prepared.fields, "token": token})


@pytest.mark.checklist(15)
async def test_composer_form_sent_ten_times_posts_one_message() -> None:
    route = "POST /chat/<chat_id>/messages"
    prepared = await WAYS[route].prepare()
    for _ in range(10):
        assert (await ask(route, prepared)).status == 303
    body = urlencode({**prepared.fields, "text": "other words"}).encode()
    assert (await prepared.browser.press(prepared.path, body)).status == 403
    page = (await prepared.browser.get(prepared.path.replace("/messages", "/plain"))).page
    assert [line.text for line in page.lines if not line.event] == ["some words"]
