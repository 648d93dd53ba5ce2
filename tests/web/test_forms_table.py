"""Every form and every address: replayed, sent twice, from elsewhere, about somebody else's room.

The routes are those of the application's own map, see `ways.py`. The store's content is compared as
a whole while the clock stands still.
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

from .asking import Asked, opened
from .picture import describe_tables
from .routes import NEVER_WAS, ROUTES, method_of
from .ways import WAYS, ask

GETS = [route for route in ROUTES if method_of(route) == "GET"]
POSTS = [route for route in ROUTES if method_of(route) == "POST"]
WITHOUT_TOKEN = {"POST /language", "POST /panic"}
"""By contract: before a session there is no token, and panic must work from an old page."""

FORMS = [route for route in POSTS if route not in WITHOUT_TOKEN]

COUNTS_EACH_TIME = {
    # Each shows a new code this once: of the previous one, only a hash is left.
    "POST /rooms/new",
    "POST /chat/<chat_id>/again",
    "POST /chat/<chat_id>/invitation",
    # The same button undoes it.
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
    """Apply a check to each route, and list all that fail."""
    with Failures() as failures:
        for route in routes:
            with failures.of(route):
                await check(route)


async def active(route: str) -> Asked:
    """Prepare the request of a visitor who has been active at this moment.

    Each request counts as activity, also one that is refused; after this, a refused one changes
    nothing.
    """
    asked = await WAYS[route].prepare()
    await asked.browser.get("/help")
    return asked


@pytest.mark.checklist(13)
async def test_get_that_is_replayed_changes_nothing() -> None:
    await check_routes(GETS, check_replayed)


async def check_replayed(route: str) -> None:
    asked = await WAYS[route].prepare()
    first = await ask(route, asked)
    before = describe_tables(asked.server.store)
    again = await ask(route, asked)
    assert describe_tables(asked.server.store) == before
    assert "set-cookie" not in first.headers | again.headers


@pytest.mark.checklist(13)
async def test_get_without_a_session_stores_nothing_at_all() -> None:
    await check_routes(GETS, check_sessionless)


async def check_sessionless(route: str) -> None:
    asked = await WAYS[route].prepare()
    before = describe_tables(asked.server.store)
    reply = await ask(route, replace(asked, browser=asked.server.browser()))
    assert describe_tables(asked.server.store) == before
    assert "set-cookie" not in reply.headers


@pytest.mark.checklist(13, 15)
async def test_post_changes_what_the_store_holds() -> None:
    """Without this, the comparisons of the other tests would mean nothing."""
    await check_routes(POSTS, check_changes)


async def check_changes(route: str) -> None:
    asked = await WAYS[route].prepare()
    asked.server.clock.advance(1)
    before = describe_tables(asked.server.store)
    await ask(route, asked)
    assert describe_tables(asked.server.store) != before


@pytest.mark.checklist(15)
async def test_form_that_is_sent_twice_counts_once() -> None:
    await check_routes(POSTS, check_sent_twice)


async def check_sent_twice(route: str) -> None:
    asked = await WAYS[route].prepare()
    first = await ask(route, asked)
    before = describe_tables(asked.server.store)
    again = await ask(route, asked)
    assert (describe_tables(asked.server.store) == before) == (route not in COUNTS_EACH_TIME)
    assert again.status in {first.status, 303, 403, 404}
    assert not asked.server.services.failures


@pytest.mark.checklist(14)
async def test_form_without_its_token_does_nothing_and_keeps_the_text() -> None:
    await check_routes(FORMS, check_without_token)


async def check_without_token(route: str) -> None:
    way, asked = WAYS[route], await active(route)
    stranger, _ = await opened(asked.server)
    page = (await stranger.browser.get("/mine")).page
    foreign = page.form("/mine/title").fields["token"]
    before = describe_tables(asked.server.store)
    typed = {name: value for name, value in asked.fields.items() if name != "token"}
    for fields in (typed, {**typed, "token": ""}, {**typed, "token": foreign}):
        check_refused(await ask(route, replace(asked, fields=fields)), way.typed, typed)
    assert describe_tables(asked.server.store) == before


@pytest.mark.checklist(14)
async def test_form_from_elsewhere_does_nothing_and_keeps_the_text() -> None:
    await check_routes(FORMS, check_from_elsewhere)


async def check_from_elsewhere(route: str) -> None:
    way, asked = WAYS[route], await active(route)
    before = describe_tables(asked.server.store)
    for headers in FROM_ELSEWHERE:
        check_refused(await ask(route, asked, headers), way.typed, asked.fields)
    assert describe_tables(asked.server.store) == before


def check_refused(reply: Reply, typed: str, fields: Mapping[str, str]) -> None:
    """A refused form is shown again with the visitor's text in it, and sets no cookie."""
    assert reply.status == 403
    assert "set-cookie" not in reply.headers
    if typed:
        kept = [form.fields.get(typed) for form in reply.page.forms]
        assert fields[typed] in kept


@pytest.mark.checklist(17)
async def test_foreign_id_is_answered_as_one_that_never_was() -> None:
    await check_routes(OF_ONE_SESSION, check_foreign_id)


async def check_foreign_id(route: str) -> None:
    asked = await WAYS[route].prepare()
    other = (await join_room(asked.server.browser())).browser
    for browser in (other, asked.server.browser()):
        foreign = replace(asked, browser=browser)
        answers = [await ask(route, foreign), await ask(route, about_nobody(foreign))]
        assert len({(a.status, a.body, str(a.headers)) for a in answers}) == 1
        assert answers[0].status == (403 if asked.fields else 404)
    # The path itself is right: its owner gets another answer.
    assert (await ask(route, asked)).status == WAYS[route].status


@pytest.mark.checklist(17)
async def test_token_for_an_id_that_is_not_ones_own_opens_nothing() -> None:
    """Also for a session that has a valid token, by a bug or from an id that was once its own."""
    posts = [route for route in OF_ONE_SESSION if method_of(route) == "POST"]
    await check_routes(posts, check_foreign_token)


async def check_foreign_token(route: str) -> None:
    asked = await WAYS[route].prepare()
    other = (await join_room(asked.server.browser())).browser
    foreign = replace(asked, browser=other)
    before = describe_tables(asked.server.store)
    answers = [
        await ask(route, with_right_token(route, one)) for one in (foreign, about_nobody(foreign))
    ]
    one, none = [
        (a.status, a.body.replace(b.path.encode(), b""), str(a.headers).replace(id_of(b.path), ""))
        for a, b in zip(answers, (foreign, about_nobody(foreign)), strict=True)
    ]
    assert one == none
    assert answers[0].status in {303, 404}
    assert describe_tables(asked.server.store) == before


def about_nobody(asked: Asked) -> Asked:
    """The same request about an id that never was."""
    return replace(asked, path=asked.path.replace(id_of(asked.path), NEVER_WAS))


def id_of(path: str) -> str:
    """The id in a path: the part after `/chat/` or `/knock/`."""
    return path.split("/")[2].partition("?")[0]


def with_right_token(route: str, asked: Asked) -> Asked:
    """The same request with a token made for its own session and its path."""
    secret = Secret.from_cookie(asked.browser.cookie.partition("=")[2])
    assert secret is not None
    form, tokens, chat_id = WAYS[route].form, asked.server.services.tokens, id_of(asked.path)
    if form == "composer":
        token = tokens.composer(secret.handle, ChatId(chat_id), 0)
    else:
        token = tokens.form(secret.handle, form, chat_id)
    return replace(asked, fields={**asked.fields, "token": token})


@pytest.mark.checklist(15)
async def test_composer_takes_one_message_from_a_form_that_is_sent_ten_times() -> None:
    route = "POST /chat/<chat_id>/messages"
    asked = await WAYS[route].prepare()
    for _ in range(10):
        assert (await ask(route, asked)).status == 303
    body = urlencode({**asked.fields, "text": "other words"}).encode()
    assert (await asked.browser.request("POST", asked.path, body)).status == 403
    page = (await asked.browser.get(asked.path.replace("/messages", "/plain"))).page
    assert [line.text for line in page.lines if not line.event] == ["some words"]
