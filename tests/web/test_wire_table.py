"""Every route, with every status that it can answer: what holds of all responses holds of each.

The routes are those of the application's own map; a new one has to be put into `ways.py`, and is
then asked in every way: as it should be, and with everything against it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import cache

import pytest

from server.core.errors import NotAMemberError, SessionUnknownError, VisitorError
from server.demo.text_browser import Reply
from server.web.edge.asgi_guard import Guard
from server.web.edge.error_pages import FAILURES

from . import wire
from .asking import HOST, Asked
from .refusing import broken, refusing
from .routes import FILES, ROUTES, method_of, path_of, rule_of
from .ways import WAYS, ask

OTHER_METHODS = ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "X")
TOO_LARGE = b"token=x&text=" + b"a" * 20_000
READS_NO_FORM = {"POST /panic"}
"""It must work from a page that is hours old: nothing that stands in the form matters."""

INSTEAD: dict[tuple[str, type[VisitorError]], int] = {
    # Where a refusal is no failure to whoever asked, but another answer.
    ("GET /mine", SessionUnknownError): 200,
    ("GET /wait", SessionUnknownError): 303,
    ("GET /wait/live", SessionUnknownError): 303,
    ("POST /chat/<chat_id>/leave", NotAMemberError): 303,
    ("POST /chat/<chat_id>/next", NotAMemberError): 303,
    ("POST /chat/<chat_id>/never", NotAMemberError): 303,
}

every_route = pytest.mark.parametrize("route", ROUTES)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, and what it was an answer to."""

    reply: Reply
    to: object
    secrets: frozenset[str]
    """What no address on it may hold."""


@cache
def answers_of(route: str) -> tuple[Answer, ...]:
    """All that a route answers; the last one as it should be asked."""

    async def collect() -> tuple[Answer, ...]:
        asked = await WAYS[route].prepare()
        told = [(to, reply) async for to, reply in _against(route, asked)]
        told.append(("nothing", await ask(route, asked)))
        secrets = {asked.browser.cookie.partition("=")[2], asked.fields.get("token", "")}
        secrets.add(asked.fields.get("code", ""))
        return tuple(Answer(reply, to, frozenset(secrets - {""})) for to, reply in told)

    return asyncio.run(collect())


async def _against(route: str, asked: Asked) -> AsyncIterator[tuple[object, Reply]]:
    """The same request with one thing after another against it; none of it changes anything."""
    services, browser, path = asked.server.services, asked.browser, asked.path
    store = services.store
    for kind in FAILURES:
        services.store = refusing(store, kind)
        yield kind, await ask(route, asked)
    services.store = broken(store, "a bug")
    yield "a bug", await ask(route, asked)
    services.store = store
    yield "a gateway", await ask(route, asked, {"via": ""})
    for method in OTHER_METHODS:
        yield method, await browser.request(method, path)
    stranger = replace(asked, browser=asked.server.browser(), path=path_of(route), fields={})
    yield "a stranger", await ask(route, stranger)
    if method_of(route) == "POST":
        yield "too much", await browser.request("POST", path, TOO_LARGE)
        if f"GET {rule_of(route)}" not in ROUTES:
            yield "GET", await browser.request("GET", path)
    else:
        yield "HEAD", await browser.request("HEAD", path)
        if f"POST {rule_of(route)}" not in ROUTES:
            yield "POST", await browser.request("POST", path)


@pytest.mark.checklist(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
def test_table_names_every_rule_of_the_application_with_each_of_its_methods() -> None:
    assert set(WAYS) - set(ROUTES) == set()
    assert set(ROUTES) - set(WAYS) == set(), "say in ways.py how this is asked"
    assert {method_of(route) for route in ROUTES} == {"GET", "POST"}


@pytest.mark.checklist(6, 8, 10)
@every_route
def test_route_answers_with_every_status_that_it_should(route: str) -> None:
    way, replies = WAYS[route], {answer.to: answer.reply for answer in answers_of(route)}
    statuses = {to: reply.status for to, reply in replies.items()}
    assert statuses["nothing"] == way.status
    assert (statuses["a bug"], statuses["a gateway"]) == (500, 403)
    assert {statuses[to] for to in (*OTHER_METHODS, "GET", "POST") if to in statuses} == {405}
    if method_of(route) == "POST" and route not in READS_NO_FORM:
        assert statuses["too much"] == 413
    refusals = {kind: statuses[kind] for kind in FAILURES}
    if set(refusals.values()) != {way.status}:
        # It asks the store something, so that whatever the store says has to be told.
        told = {kind: failure.status for kind, failure in FAILURES.items()}
        told |= {kind: status for (where, kind), status in INSTEAD.items() if where == route}
        assert refusals == told


@pytest.mark.checklist(1)
@every_route
def test_answer_has_exactly_the_policy_that_was_decided(route: str) -> None:
    for answer in answers_of(route):
        wire.check_policy(answer.reply)


@pytest.mark.checklist(2)
@every_route
def test_every_header_is_there_with_a_value_that_is_defined(route: str) -> None:
    for answer in answers_of(route):
        wire.check_values(answer.reply)


@pytest.mark.checklist(3)
@every_route
def test_answer_is_kept_by_nobody(route: str) -> None:
    for answer in answers_of(route):
        wire.check_keeping(answer.reply, is_file=route in FILES)


@pytest.mark.checklist(2, 3, 4)
@every_route
def test_no_header_tells_of_the_server_or_of_the_moment(route: str) -> None:
    for answer in answers_of(route):
        wire.check_untold(answer.reply)


@pytest.mark.checklist(21)
@every_route
def test_nothing_is_compressed(route: str) -> None:
    assert not [a.to for a in answers_of(route) if "content-encoding" in a.reply.headers]


@pytest.mark.checklist(5)
@every_route
def test_page_and_stylesheet_load_nothing_and_run_nothing(route: str) -> None:
    for answer in answers_of(route):
        wire.check_content(answer.reply)


@pytest.mark.checklist(6)
@every_route
def test_other_method_is_405_and_is_told_which_there_are(route: str) -> None:
    replies = {answer.to: answer.reply for answer in answers_of(route)}
    for to in OTHER_METHODS:
        assert (replies[to].status, replies[to].body) == (405, b"")
        assert replies[to].headers["allow"] == "GET, HEAD, POST"
    for to in {"GET", "POST"} & set(replies):
        own = {method_of(other) for other in ROUTES if rule_of(other) == rule_of(route)}
        told = set(replies[to].headers["allow"].split(", "))
        assert told == own | ({"HEAD"} if "GET" in own else set())


@pytest.mark.checklist(7)
@every_route
async def test_foreign_host_is_answered_with_nothing_at_all(route: str) -> None:
    asked = await WAYS[route].prepare()
    app = asked.server.app
    app.asgi_app = Guard(app.asgi_app, HOST.partition(":")[0], Counter())  # type: ignore[method-assign,assignment]
    reply = await ask(route, asked, {"host": "elsewhere.onion"})
    assert (reply.status, reply.body) == (400, b"")
    assert "location" not in reply.headers
    assert "set-cookie" not in reply.headers


@pytest.mark.checklist(5, 9)
@every_route
def test_all_ways_lead_into_the_server(route: str) -> None:
    for answer in answers_of(route):
        wire.check_ways(answer.reply)


@pytest.mark.checklist(13)
@every_route
def test_no_address_holds_a_secret(route: str) -> None:
    for answer in answers_of(route):
        wire.check_secrets(answer.reply, answer.secrets)


@pytest.mark.checklist(9)
@every_route
def test_answer_names_no_host_and_says_nothing_about_the_machine(route: str) -> None:
    for answer in answers_of(route):
        wire.check_silence(answer.reply, HOST)


@pytest.mark.checklist(22)
@every_route
def test_answer_tells_no_time(route: str) -> None:
    for answer in answers_of(route):
        wire.check_timeless(answer.reply)


@pytest.mark.checklist(11)
@every_route
def test_cookie_is_the_one_that_only_this_server_may_read(route: str) -> None:
    for answer in answers_of(route):
        wire.check_cookie(answer.reply)
