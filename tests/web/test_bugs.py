"""A bug in any store call on any route gives a static page and a count, and reveals no detail.

Each route is requested once to record which calls it makes.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from server.demo.text_browser import Reply
from tests.failures import Failures

from .asking import PreparedRequest
from .refusing import EVERY_REQUEST, broken, recording
from .routes import ROUTES, method_of
from .ways import WAYS, ask

pytestmark = pytest.mark.checklist(10)

CANARY = "heron-in-an-exception"
CALLS_AFTER_HEAD = {"open_stream", "read"}
"""Calls made after a stream has begun: its status is 200 by then, and a bug ends the stream."""

Caught = tuple[pytest.LogCaptureFixture, pytest.CaptureFixture[str]]


@pytest.fixture
def caught(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Caught:
    caplog.set_level(logging.DEBUG)
    return caplog, capfd


def check_nothing_written(caught: Caught) -> None:
    """Check that no log or output contains the exception, then clear both."""
    log, output = caught
    written = log.text + "".join(output.readouterr())
    log.clear()
    assert CANARY not in written
    assert "Traceback" not in written


async def calls_of(route: str) -> list[str]:
    """Record the names of the calls that a route makes to its store."""
    prepared, seen = await WAYS[route].prepare(), list[str]()
    prepared.server.services.store = recording(prepared.server.services.store, seen)
    await ask(route, prepared)
    return sorted(set(seen))


async def test_bug_anywhere_is_a_static_page_and_reaches_no_log(caught: Caught) -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                prepared = await WAYS[route].prepare()
                for call in await calls_of(route):
                    if method_of(route) == "POST":
                        prepared = await WAYS[route].prepare()
                    with failures.of(f"{route}, a bug in {call}"):
                        await check_bug(route, prepared, call)
                    with failures.of(f"{route}, output of a bug in {call}"):
                        check_nothing_written(caught)


async def check_bug(route: str, prepared: PreparedRequest, call: str) -> None:
    reply = await ask_with_bug(route, prepared, call)
    if WAYS[route].streams and call in CALLS_AFTER_HEAD:
        assert reply.status == 200
    else:
        assert (reply.status, reply.body.decode()) == (500, prepared.server.services.broken_page)
    # A visitor who disconnects after the head may be gone before the stream reads the store.
    assert prepared.server.services.failures["RuntimeError"] or call == "read"
    assert CANARY not in f"{reply.headers} {reply.body!r}"


async def ask_with_bug(route: str, prepared: PreparedRequest, call: str) -> Reply:
    """Request a route with a bug in one call; the exception contains what the visitor sent."""
    services, secret = prepared.server.services, prepared.browser.cookie
    store, services.failures = services.store, type(services.failures)()
    text = f"{CANARY} {secret} {dict(prepared.fields)}"
    services.store = broken(store, text, call)
    try:
        return await ask(route, prepared)
    finally:
        services.store = store


async def test_every_request_of_a_session_makes_the_listed_calls() -> None:
    prepared = set(await calls_of("GET /help"))
    assert prepared == EVERY_REQUEST


async def test_completely_broken_store_gives_the_same_page(caught: Caught) -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                await check_broken_store(route, await WAYS[route].prepare())
            with failures.of(f"{route}, output of its bug"):
                check_nothing_written(caught)


async def check_broken_store(route: str, prepared: PreparedRequest) -> None:
    reply = await ask_with_bug(route, prepared, "")
    assert (reply.status, reply.body.decode()) == (500, prepared.server.services.broken_page)
    stranger = await ask_with_bug(route, replace(prepared, browser=prepared.server.browser()), "")
    assert CANARY not in f"{reply.headers} {stranger.headers} {stranger.body!r}"
