"""A bug in anything that a store is asked, on any route: a static page, a count, and no word of it.

Which things a route asks is found out by asking it once.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from server.demo.text_browser import Reply

from .asking import Asked
from .refusing import EVERY_REQUEST, broken, noting
from .routes import ROUTES, method_of
from .ways import WAYS, ask

pytestmark = pytest.mark.checklist(10)

CANARY = "heron-in-an-exception"
AFTER_THE_HEAD = {"open_stream", "read"}
"""What is asked once a stream has begun: its head is sent by then, and it says why it ends."""


async def all_that_is_asked(route: str) -> list[str]:
    """The name of each thing that a route asks its store, once."""
    asked, seen = await WAYS[route].prepare(), list[str]()
    asked.server.services.store = noting(asked.server.services.store, seen)
    await ask(route, asked)
    return sorted(set(seen))


@pytest.mark.parametrize("route", ROUTES)
async def test_bug_anywhere_is_a_static_page_and_reaches_no_log(
    route: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    names = await all_that_is_asked(route)
    asked = await WAYS[route].prepare()
    for name in names:
        if method_of(route) == "POST":
            asked = await WAYS[route].prepare()
        reply = await ask_with_bug(route, asked, name)
        if WAYS[route].streams and name in AFTER_THE_HEAD:
            assert reply.status == 200
        else:
            assert (reply.status, reply.body.decode()) == (500, asked.server.services.broken_page)
        # Who hangs up after the head may not have come to be read to.
        assert asked.server.services.failures["RuntimeError"] or name == "read"
        assert CANARY not in f"{reply.headers} {reply.body!r}"
    said = caplog.text + "".join(capfd.readouterr())
    assert CANARY not in said
    assert "Traceback" not in said


async def ask_with_bug(route: str, asked: Asked, name: str) -> Reply:
    """Ask once, with a bug in that; its exception holds what its visitor has sent and brought."""
    services, secret = asked.server.services, asked.browser.cookie
    store, services.failures = services.store, type(services.failures)()
    text = f"{CANARY} {secret} {dict(asked.fields)}"
    services.store = broken(store, text, name)
    reply = await ask(route, asked)
    services.store = store
    return reply


async def test_every_request_of_a_session_asks_what_is_taken_to_be_asked_by_all() -> None:
    asked = set(await all_that_is_asked("GET /help"))
    assert asked == EVERY_REQUEST


@pytest.mark.parametrize("route", ROUTES)
async def test_store_that_is_broken_altogether_shows_the_same_page(
    route: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = await WAYS[route].prepare()
    reply = await ask_with_bug(route, asked, "")
    assert (reply.status, reply.body.decode()) == (500, asked.server.services.broken_page)
    stranger = await ask_with_bug(route, replace(asked, browser=asked.server.browser()), "")
    assert CANARY not in f"{reply.headers} {stranger.headers} {stranger.body!r}"
    said = caplog.text + "".join(capfd.readouterr())
    assert CANARY not in said
    assert "Traceback" not in said
