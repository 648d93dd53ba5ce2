"""A bug in any call to the store, on any route: a static page, a count, and no word of it.

Which calls a route makes is recorded by requesting it once.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from server.demo.text_browser import Reply
from tests.failures import Failures

from .asking import Asked
from .refusing import EVERY_REQUEST, broken, noting
from .routes import ROUTES, method_of
from .ways import WAYS, ask

pytestmark = pytest.mark.checklist(10)

CANARY = "heron-in-an-exception"
AFTER_THE_HEAD = {"open_stream", "read"}
"""Calls that are made once a stream has begun: its head says 200 by then, and its end the rest."""

Caught = tuple[pytest.LogCaptureFixture, pytest.CaptureFixture[str]]


@pytest.fixture
def caught(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Caught:
    caplog.set_level(logging.DEBUG)
    return caplog, capfd


def check_written_nowhere(caught: Caught) -> None:
    """Nothing of the exception is in a log or an output; what was written is then dropped."""
    log, output = caught
    written = log.text + "".join(output.readouterr())
    log.clear()
    assert CANARY not in written
    assert "Traceback" not in written


async def calls_of(route: str) -> list[str]:
    """Record the names of the calls that a route makes to its store."""
    asked, seen = await WAYS[route].prepare(), list[str]()
    asked.server.services.store = noting(asked.server.services.store, seen)
    await ask(route, asked)
    return sorted(set(seen))


async def test_bug_anywhere_is_a_static_page_and_reaches_no_log(caught: Caught) -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                asked = await WAYS[route].prepare()
                for call in await calls_of(route):
                    if method_of(route) == "POST":
                        asked = await WAYS[route].prepare()
                    with failures.of(f"{route}, a bug in {call}"):
                        await check_bug(route, asked, call)
                    with failures.of(f"{route}, what a bug in {call} wrote"):
                        check_written_nowhere(caught)


async def check_bug(route: str, asked: Asked, call: str) -> None:
    reply = await ask_with_bug(route, asked, call)
    if WAYS[route].streams and call in AFTER_THE_HEAD:
        assert reply.status == 200
    else:
        assert (reply.status, reply.body.decode()) == (500, asked.server.services.broken_page)
    # A visitor who hangs up after the head may be gone before the stream reads the store.
    assert asked.server.services.failures["RuntimeError"] or call == "read"
    assert CANARY not in f"{reply.headers} {reply.body!r}"


async def ask_with_bug(route: str, asked: Asked, call: str) -> Reply:
    """Request a route with a bug in one call; the exception holds what its visitor has sent."""
    services, secret = asked.server.services, asked.browser.cookie
    store, services.failures = services.store, type(services.failures)()
    text = f"{CANARY} {secret} {dict(asked.fields)}"
    services.store = broken(store, text, call)
    try:
        return await ask(route, asked)
    finally:
        services.store = store


async def test_every_request_of_a_session_makes_the_listed_calls() -> None:
    asked = set(await calls_of("GET /help"))
    assert asked == EVERY_REQUEST


async def test_store_that_is_broken_altogether_shows_the_same_page(caught: Caught) -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                await check_broken_store(route, await WAYS[route].prepare())
            with failures.of(f"{route}, what its bug wrote"):
                check_written_nowhere(caught)


async def check_broken_store(route: str, asked: Asked) -> None:
    reply = await ask_with_bug(route, asked, "")
    assert (reply.status, reply.body.decode()) == (500, asked.server.services.broken_page)
    stranger = await ask_with_bug(route, replace(asked, browser=asked.server.browser()), "")
    assert CANARY not in f"{reply.headers} {stranger.headers} {stranger.body!r}"
