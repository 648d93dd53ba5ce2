"""Every route is requested with every status that it can answer; each answer follows all rules.

The routes are those of the application's own URL map. A new route must be added to `ways.py`; it is
then requested correctly and with each possible obstacle. The answers of a route are collected once
and checked against all rules.
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
from .asking import HOST, PreparedRequest
from .refusing import broken, refusing
from .routes import FILES, ROUTES, method_of, path_of, rule_of
from .ways import WAYS, ask

OTHER_METHODS = ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "X")
TOO_LARGE = b"token=x&text=" + b"a" * 20_000
READS_NO_FORM = {"POST /panic"}
"""Panic must work from a page that is hours old, so its form is not read."""

INSTEAD: dict[tuple[str, type[VisitorError]], int] = {
    # Here the refusal is not an error for the visitor, but leads to another answer.
    ("GET /mine", SessionUnknownError): 200,
    ("GET /wait", SessionUnknownError): 303,
    ("GET /wait/live", SessionUnknownError): 303,
    ("POST /chat/<chat_id>/leave", NotAMemberError): 303,
    ("POST /chat/<chat_id>/next", NotAMemberError): 303,
    ("POST /chat/<chat_id>/never", NotAMemberError): 303,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, and the request that it answers."""

    route: str
    reply: Reply
    to: object
    secrets: frozenset[str]
    """Secrets that no address in the response may contain."""


@cache
def answers_of(route: str) -> tuple[Answer, ...]:
    """Collect all answers of a route; the last one answers the correct request."""

    async def collect() -> tuple[Answer, ...]:
        prepared = await WAYS[route].prepare()
        replies = [(to, reply) async for to, reply in _against(route, prepared)]
        replies.append(("nothing", await ask(route, prepared)))
        secrets = {prepared.browser.cookie.partition("=")[2], prepared.fields.get("token", "")}
        secrets.add(prepared.fields.get("code", ""))
        return tuple(Answer(route, reply, to, frozenset(secrets - {""})) for to, reply in replies)

    return asyncio.run(collect())


async def _against(route: str, prepared: PreparedRequest) -> AsyncIterator[tuple[object, Reply]]:
    """Yield the answers to the same request with one obstacle each; none changes anything."""
    services, browser, path = prepared.server.services, prepared.browser, prepared.path
    store = services.store
    for kind in FAILURES:
        services.store = refusing(store, kind)
        yield kind, await ask(route, prepared)
    services.store = broken(store, "a bug")
    yield "a bug", await ask(route, prepared)
    services.store = store
    yield "a gateway", await ask(route, prepared, {"via": ""})
    for method in OTHER_METHODS:
        yield method, await browser.request(method, path)
    stranger = replace(prepared, browser=prepared.server.browser(), path=path_of(route), fields={})
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
    """Apply a check to every answer of every route and report all failures together."""
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                for answer in answers_of(route):
                    with failures.of(f"{route}, {answer.to}"):
                        check(answer)


@pytest.mark.checklist(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
def test_table_has_every_route_of_the_application() -> None:
    assert set(WAYS) - set(ROUTES) == set()
    assert set(ROUTES) - set(WAYS) == set(), "add this route to ways.py"
    assert {method_of(route) for route in ROUTES} == {"GET", "POST"}


@pytest.mark.checklist(6, 8, 10)
def test_route_answers_with_every_expected_status() -> None:
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
        assert statuses["too much"] == (413 if way.is_first else 303)
    refusals = {kind: statuses[kind] for kind in FAILURES}
    if set(refusals.values()) != {way.status}:
        # The view calls the store, so every error of the store must reach the visitor.
        expected = {kind: failure.status for kind, failure in FAILURES.items()}
        if method_of(route) == "POST" and not way.is_first:
            # Its visitor has a session: see `test_refusals.py`.
            expected = dict.fromkeys(FAILURES, 303)
        expected |= {kind: status for (where, kind), status in INSTEAD.items() if where == route}
        assert refusals == expected


@pytest.mark.checklist(1)
def test_answer_has_exactly_the_specified_policy() -> None:
    check_answers(lambda answer: wire.check_policy(answer.reply))


@pytest.mark.checklist(2)
def test_every_header_is_present_with_a_standard_value() -> None:
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
async def test_foreign_host_gets_an_empty_400() -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                await check_foreign_host(route)


async def check_foreign_host(route: str) -> None:
    prepared = await WAYS[route].prepare()
    app = prepared.server.app
    app.asgi_app = Guard(app.asgi_app, HOST.partition(":")[0], Counter())  # type: ignore[method-assign,assignment]
    reply = await ask(route, prepared, {"host": "elsewhere.onion"})
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
def test_answer_reveals_no_host_and_nothing_of_the_machine() -> None:
    check_answers(lambda answer: wire.check_machine(answer.reply, HOST))


@pytest.mark.checklist(22)
def test_answer_contains_no_time() -> None:
    check_answers(lambda answer: wire.check_no_time(answer.reply))


@pytest.mark.checklist(11)
def test_cookie_is_for_this_server_only() -> None:
    check_answers(lambda answer: wire.check_cookie(answer.reply))
