"""Every route with every status that it can answer: what holds of all responses holds of each.

The routes are those of the application's own map. A new one has to be added to `ways.py`, and is
then requested in every way: as it should be, and with everything against it. Each route's answers
are collected once, for all rules.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import cache

import pytest

from server.core.errors import NotAMemberError, SessionUnknownError, VisitorError
from server.demo.text_browser import Reply
from server.web.edge.asgi_guard import Guard
from server.web.edge.error_pages import FAILURES
from tests.failures import Failures

from . import wire
from .asking import HOST, Asked
from .refusing import broken, refusing
from .routes import FILES, ROUTES, method_of, path_of, rule_of
from .ways import WAYS, ask

OTHER_METHODS = ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "X")
TOO_LARGE = b"token=x&text=" + b"a" * 20_000
READS_NO_FORM = {"POST /panic"}
"""Panic must work from a page that is hours old: nothing in the form matters."""

INSTEAD: dict[tuple[str, type[VisitorError]], int] = {
    # Where a refusal is no failure for the visitor, but another answer.
    ("GET /mine", SessionUnknownError): 200,
    ("GET /wait", SessionUnknownError): 303,
    ("GET /wait/live", SessionUnknownError): 303,
    ("POST /chat/<chat_id>/leave", NotAMemberError): 303,
    ("POST /chat/<chat_id>/next", NotAMemberError): 303,
    ("POST /chat/<chat_id>/never", NotAMemberError): 303,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, and what it was a response to."""

    route: str
    reply: Reply
    to: object
    secrets: frozenset[str]
    """What no address on it may hold."""


@cache
def answers_of(route: str) -> tuple[Answer, ...]:
    """Collect all answers of a route; the last one is to the request as it should be."""

    async def collect() -> tuple[Answer, ...]:
        asked = await WAYS[route].prepare()
        replies = [(to, reply) async for to, reply in _against(route, asked)]
        replies.append(("nothing", await ask(route, asked)))
        secrets = {asked.browser.cookie.partition("=")[2], asked.fields.get("token", "")}
        secrets.add(asked.fields.get("code", ""))
        return tuple(Answer(route, reply, to, frozenset(secrets - {""})) for to, reply in replies)

    return asyncio.run(collect())


async def _against(route: str, asked: Asked) -> AsyncIterator[tuple[object, Reply]]:
    """The same request with one obstacle after another; none of them changes anything."""
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


def check_answers(check: Callable[[Answer], None]) -> None:
    """Apply a check to every answer of every route, and list all that fail."""
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                for answer in answers_of(route):
                    with failures.of(f"{route}, {answer.to}"):
                        check(answer)


@pytest.mark.checklist(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
def test_table_names_every_rule_of_the_application_with_each_of_its_methods() -> None:
    assert set(WAYS) - set(ROUTES) == set()
    assert set(ROUTES) - set(WAYS) == set(), "say in ways.py how this is requested"
    assert {method_of(route) for route in ROUTES} == {"GET", "POST"}


@pytest.mark.checklist(6, 8, 10)
def test_route_answers_with_every_status_that_it_should() -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                check_statuses(route)


def check_statuses(route: str) -> None:
    way, statuses = WAYS[route], {answer.to: answer.reply.status for answer in answers_of(route)}
    assert statuses["nothing"] == way.status
    assert (statuses["a bug"], statuses["a gateway"]) == (500, 403)
    assert {statuses[to] for to in (*OTHER_METHODS, "GET", "POST") if to in statuses} == {405}
    if method_of(route) == "POST" and route not in READS_NO_FORM:
        assert statuses["too much"] == 413
    refusals = {kind: statuses[kind] for kind in FAILURES}
    if set(refusals.values()) != {way.status}:
        # The view calls the store, so every error of the store must reach the visitor.
        expected = {kind: failure.status for kind, failure in FAILURES.items()}
        expected |= {kind: status for (where, kind), status in INSTEAD.items() if where == route}
        assert refusals == expected


@pytest.mark.checklist(1)
def test_answer_has_exactly_the_policy_that_was_decided() -> None:
    check_answers(lambda answer: wire.check_policy(answer.reply))


@pytest.mark.checklist(2)
def test_every_header_is_there_with_a_value_that_is_defined() -> None:
    check_answers(lambda answer: wire.check_values(answer.reply))


@pytest.mark.checklist(3)
def test_answer_is_cached_nowhere() -> None:
    check_answers(lambda answer: wire.check_caching(answer.reply, is_file=answer.route in FILES))


@pytest.mark.checklist(2, 3, 4)
def test_no_header_reveals_the_software_or_the_time() -> None:
    check_answers(lambda answer: wire.check_headers_reveal_nothing(answer.reply))


@pytest.mark.checklist(21)
def test_nothing_is_compressed() -> None:
    check_answers(check_uncompressed)


def check_uncompressed(answer: Answer) -> None:
    assert "content-encoding" not in answer.reply.headers


@pytest.mark.checklist(5)
def test_page_and_stylesheet_load_nothing_and_run_nothing() -> None:
    check_answers(lambda answer: wire.check_content(answer.reply))


@pytest.mark.checklist(6)
def test_other_method_is_405_and_lists_the_allowed_ones() -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                check_allowed(route)


def check_allowed(route: str) -> None:
    replies = {answer.to: answer.reply for answer in answers_of(route)}
    for to in OTHER_METHODS:
        assert (replies[to].status, replies[to].body) == (405, b"")
        assert replies[to].headers["allow"] == "GET, HEAD, POST"
    for to in {"GET", "POST"} & set(replies):
        own = {method_of(other) for other in ROUTES if rule_of(other) == rule_of(route)}
        allowed = set(replies[to].headers["allow"].split(", "))
        assert allowed == own | ({"HEAD"} if "GET" in own else set())


@pytest.mark.checklist(7)
async def test_foreign_host_is_answered_with_nothing_at_all() -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                await check_foreign_host(route)


async def check_foreign_host(route: str) -> None:
    asked = await WAYS[route].prepare()
    app = asked.server.app
    app.asgi_app = Guard(app.asgi_app, HOST.partition(":")[0], Counter())  # type: ignore[method-assign,assignment]
    reply = await ask(route, asked, {"host": "elsewhere.onion"})
    assert (reply.status, reply.body) == (400, b"")
    assert "location" not in reply.headers
    assert "set-cookie" not in reply.headers


@pytest.mark.checklist(5, 9)
def test_every_address_stays_on_the_server() -> None:
    check_answers(lambda answer: wire.check_addresses(answer.reply))


@pytest.mark.checklist(13)
def test_no_address_holds_a_secret() -> None:
    check_answers(lambda answer: wire.check_secrets(answer.reply, answer.secrets))


@pytest.mark.checklist(9)
def test_answer_names_no_host_and_reveals_nothing_of_the_machine() -> None:
    check_answers(lambda answer: wire.check_machine(answer.reply, HOST))


@pytest.mark.checklist(22)
def test_answer_holds_no_time() -> None:
    check_answers(lambda answer: wire.check_no_time(answer.reply))


@pytest.mark.checklist(11)
def test_cookie_is_for_this_server_alone() -> None:
    check_answers(lambda answer: wire.check_cookie(answer.reply))
