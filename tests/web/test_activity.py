"""Every page request keeps a session alive; only a request by a person postpones the question."""

from __future__ import annotations

import pytest

from server.core.errors import SessionUnknownError
from server.core.ids import Secret
from server.core.limits import IDLE_QUESTION_S, SESSION_SILENCE_S
from server.core.session.lifetime import LifetimeNotice
from server.web.edge.activity import AUTOMATIC
from tests.failures import Failures

from .appbrowser import AppBrowser, AppServer, make_server
from .asking import PreparedRequest
from .routes import ROUTES, method_of
from .ways import WAYS, ask

STEP_S = SESSION_SILENCE_S / 2
STEPS = int(IDLE_QUESTION_S / STEP_S)
"""Requests until the question is due; they take longer than a silent session lives."""

BY_BROWSER = {
    *("GET /chat/<chat_id>/live", "GET /chat/<chat_id>/moved", "GET /chat/<chat_id>/composer"),
    *("GET /wait", "GET /wait/live", "GET /wait/moved", "GET /wait/over", "GET /knock/<chat_id>"),
    *("GET /<name>.css", "GET /over", "GET /blank"),
}
"""Routes of frames, streams, reloads and files, which browsers request by themselves."""

BY_PERSON = [route for route in ROUTES if method_of(route) == "GET" and route not in BY_BROWSER]


def secret_of(browser: AppBrowser) -> Secret:
    secret = Secret.from_cookie(browser.cookie.partition("=")[2])
    assert secret is not None
    return secret


async def advance(server: AppServer, seconds: float) -> None:
    """Advance the clock, then run the sweep."""
    server.clock.advance(seconds)
    await server.store.sweep()


async def request_until_question(route: str) -> PreparedRequest:
    """Request a route several times, up to when the question is due unless they are presses."""
    prepared = await WAYS[route].prepare()
    await prepared.browser.get("/help")
    for _ in range(STEPS):
        await advance(prepared.server, STEP_S)
        await ask(route, prepared)
    return prepared


async def is_question_due(prepared: PreparedRequest) -> bool:
    """Whether the session has to be asked.

    Raises:
        SessionUnknownError: if the session was forgotten.
    """
    lifetime = await prepared.server.store.lifetime(secret_of(prepared.browser))
    return LifetimeNotice.STILL_THERE in lifetime.due_notices


async def test_every_page_keeps_the_session_alive_and_counts_as_a_press() -> None:
    with Failures() as failures:
        for route in BY_PERSON:
            with failures.of(route):
                assert not await is_question_due(await request_until_question(route))


async def test_automatic_request_keeps_the_session_alive_but_is_no_press() -> None:
    with Failures() as failures:
        for route in sorted(BY_BROWSER):
            with failures.of(route):
                assert await is_question_due(await request_until_question(route))


async def test_session_without_a_request_is_forgotten() -> None:
    server = make_server()
    silent = (await server.pair()).first.browser
    await advance(server, SESSION_SILENCE_S)
    assert (await server.store.lifetime(secret_of(silent))).age_s == SESSION_SILENCE_S
    await advance(server, 1)
    with pytest.raises(SessionUnknownError):
        await server.store.lifetime(secret_of(silent))


def test_table_of_automatic_endpoints_is_complete() -> None:
    rules = make_server().app.url_map.iter_rules()
    endpoints = {rule.endpoint for rule in rules if f"GET {rule.rule}" in BY_BROWSER}
    assert endpoints == AUTOMATIC
