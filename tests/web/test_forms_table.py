"""Every form and every address: replayed, pressed twice, from elsewhere, about somebody else's.

The routes are those of the application's own map, see `ways.py`. What a store holds is compared as
a whole, with the clock standing still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from server.core.ids import ChatId, Secret
from server.demo.text_browser import Reply
from tests.fakes import come_in

from .asking import Asked, opened
from .picture import picture_of
from .routes import NEVER_WAS, ROUTES, method_of
from .ways import WAYS, ask

GETS = [route for route in ROUTES if method_of(route) == "GET"]
POSTS = [route for route in ROUTES if method_of(route) == "POST"]
WITHOUT_TOKEN = {"POST /language", "POST /panic"}
"""By contract: before a session there is none, and panic must work from a page that is old."""

COUNTS_EACH_TIME = {
    # Whatever shows a code shows it this once: of the one before, only a hash is left.
    "POST /rooms/new",
    "POST /chat/<chat_id>/again",
    "POST /chat/<chat_id>/invitation",
    # The same button takes it back.
    "POST /chat/<chat_id>/mute",
}
FROM_ELSEWHERE = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "http://elsewhere.onion"},
    {"origin": "null"},
)
OF_ONE_SESSION = [route for route in ROUTES if "<chat_id>" in route]

every_get = pytest.mark.parametrize("route", GETS)
every_post = pytest.mark.parametrize("route", POSTS)
every_form = pytest.mark.parametrize("route", [r for r in POSTS if r not in WITHOUT_TOKEN])
every_id = pytest.mark.parametrize("route", OF_ONE_SESSION)


async def alive(route: str) -> Asked:
    """A request of somebody who has pressed something at this moment.

    Each press is a sign of life, also one that is refused: so that this one is none that is new.
    """
    asked = await WAYS[route].prepare()
    await asked.browser.get("/help")
    return asked


@pytest.mark.checklist(13)
@every_get
async def test_get_that_is_replayed_changes_nothing(route: str) -> None:
    asked = await WAYS[route].prepare()
    first = await ask(route, asked)
    before = picture_of(asked.server.store)
    again = await ask(route, asked)
    assert picture_of(asked.server.store) == before
    assert "set-cookie" not in first.headers | again.headers


@pytest.mark.checklist(13)
@every_get
async def test_get_of_somebody_without_a_session_stores_nothing_at_all(route: str) -> None:
    asked = await WAYS[route].prepare()
    before = picture_of(asked.server.store)
    reply = await ask(route, replace(asked, browser=asked.server.browser()))
    assert picture_of(asked.server.store) == before
    assert "set-cookie" not in reply.headers


@pytest.mark.checklist(13, 15)
@every_post
async def test_press_is_seen_in_what_the_store_holds(route: str) -> None:
    """Else the tests beside this one would compare nothing with nothing."""
    asked = await WAYS[route].prepare()
    asked.server.clock.advance(1)
    before = picture_of(asked.server.store)
    await ask(route, asked)
    assert picture_of(asked.server.store) != before


@pytest.mark.checklist(15)
@every_post
async def test_form_that_is_sent_twice_counts_once(route: str) -> None:
    asked = await WAYS[route].prepare()
    first = await ask(route, asked)
    before = picture_of(asked.server.store)
    again = await ask(route, asked)
    assert (picture_of(asked.server.store) == before) == (route not in COUNTS_EACH_TIME)
    assert again.status in {first.status, 303, 403, 404}
    assert not asked.server.services.failures


@pytest.mark.checklist(14)
@every_form
async def test_form_without_its_token_does_nothing_and_keeps_what_was_typed(route: str) -> None:
    way, asked = WAYS[route], await alive(route)
    stranger, _ = await opened(asked.server)
    page = (await stranger.browser.get("/mine")).page
    foreign = page.form("/mine/title").fields["token"]
    before = picture_of(asked.server.store)
    typed = {name: value for name, value in asked.fields.items() if name != "token"}
    for fields in (typed, {**typed, "token": ""}, {**typed, "token": foreign}):
        check_refused(await ask(route, replace(asked, fields=fields)), way.typed, typed)
    assert picture_of(asked.server.store) == before


@pytest.mark.checklist(14)
@every_form
async def test_form_that_comes_from_elsewhere_does_nothing_and_keeps_what_was_typed(
    route: str,
) -> None:
    way, asked = WAYS[route], await alive(route)
    before = picture_of(asked.server.store)
    for headers in FROM_ELSEWHERE:
        check_refused(await ask(route, asked, headers), way.typed, asked.fields)
    assert picture_of(asked.server.store) == before


def check_refused(reply: Reply, typed: str, fields: Mapping[str, str]) -> None:
    """A form that was refused comes back with the words in it, and sets no cookie."""
    assert reply.status == 403
    assert "set-cookie" not in reply.headers
    if typed:
        kept = [form.fields.get(typed) for form in reply.page.forms]
        assert fields[typed] in kept


@pytest.mark.checklist(17)
@every_id
async def test_id_of_somebody_else_is_answered_as_one_that_never_was(route: str) -> None:
    asked = await WAYS[route].prepare()
    other = (await come_in(asked.server.browser())).browser
    for browser in (other, asked.server.browser()):
        foreign = replace(asked, browser=browser)
        answers = [await ask(route, foreign), await ask(route, about_nobody(foreign))]
        assert len({(a.status, a.body, str(a.headers)) for a in answers}) == 1
        assert answers[0].status == (403 if asked.fields else 404)
    # It is no matter of the path: whose it is gets something else.
    assert (await ask(route, asked)).status == WAYS[route].status


@pytest.mark.checklist(17)
@pytest.mark.parametrize("route", [r for r in OF_ONE_SESSION if method_of(r) == "POST"])
async def test_token_for_an_id_that_is_not_ones_own_opens_nothing(route: str) -> None:
    """Also for somebody whom a bug, or an id that was once theirs, had given a right token."""
    asked = await WAYS[route].prepare()
    other = (await come_in(asked.server.browser())).browser
    foreign = replace(asked, browser=other)
    before = picture_of(asked.server.store)
    answers = [
        await ask(route, with_right_token(route, one)) for one in (foreign, about_nobody(foreign))
    ]
    one, none = [
        (a.status, a.body.replace(b.path.encode(), b""), str(a.headers).replace(id_of(b.path), ""))
        for a, b in zip(answers, (foreign, about_nobody(foreign)), strict=True)
    ]
    assert one == none
    assert answers[0].status in {303, 404}
    assert picture_of(asked.server.store) == before


def about_nobody(asked: Asked) -> Asked:
    """The same request about an id that never was."""
    return replace(asked, path=asked.path.replace(id_of(asked.path), NEVER_WAS))


def id_of(path: str) -> str:
    """The id in a path: what stands behind `/chat/` or `/knock/`."""
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
