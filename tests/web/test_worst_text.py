"""No entrance works on a text before it is owed, and none normalises a long run of marks.

Work is counted, not timed: `python -m bench.worst_text` times it.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest

from server.core.ids import Secret
from server.core.limits import (
    GUESS_BURST,
    JOIN_BURST,
    MAX_BODY_BYTES,
    MAX_NON_STARTERS,
    MAX_RAW_CODE_CHARS,
    POST_BURST,
)
from server.demo.text_browser import Reply
from server.doctor.ordering import worst_run
from tests.failures import Failures
from tests.worst_text import WORST, NormalizeCalls, body_with, odd_bodies

from .asking import PreparedRequest
from .routes import ROUTES, method_of
from .ways import WAYS

POSTS = [route for route in ROUTES if method_of(route) == "POST"]
TYPED = ["POST /invite", "POST /rooms/new", "POST /chat/<chat_id>/messages"]
"""The routes whose text is normalised."""

MARKS = worst_run(200)
"""Short enough for every limit of a raw text, and more marks than a run may have."""


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> NormalizeCalls:
    return NormalizeCalls(monkeypatch)


def name_of(route: str) -> str:
    return WAYS[route].typed or "text"


async def send(prepared: PreparedRequest, body: bytes) -> Reply:
    return await prepared.browser.press(prepared.path, body)


async def send_text(route: str, prepared: PreparedRequest, text: str) -> Reply:
    return await send(prepared, body_with(prepared.fields, name_of(route), text))


@pytest.mark.slow  # six hundred requests
@pytest.mark.checklist(38, 46)
async def test_no_entrance_normalises_a_long_run(calls: NormalizeCalls) -> None:
    with Failures() as failures:
        for route in POSTS:
            with failures.of(route):
                await check_worst(route, calls)


async def check_worst(route: str, calls: NormalizeCalls) -> None:
    prepared = await WAYS[route].prepare()
    fields, name = prepared.fields, name_of(route)
    bodies = [body_with(fields, name, text) for text in WORST.values()]
    for body in [*bodies, *odd_bodies(fields, name).values()]:
        calls.characters = calls.longest_run = 0
        assert (await send(prepared, body)).status < 500
        assert calls.characters <= MAX_BODY_BYTES
        assert calls.longest_run <= MAX_NON_STARTERS
    assert not prepared.server.services.failures


@pytest.mark.checklist(46)
async def test_text_reaches_the_normalisation_of_every_entrance(calls: NormalizeCalls) -> None:
    """Check that the other tests count where text comes in."""
    with Failures() as failures:
        for route in TYPED:
            with failures.of(route):
                prepared, calls.characters = await WAYS[route].prepare(), 0
                await send_text(route, prepared, f"a{MARKS}")
                assert calls.characters > 0
                assert calls.longest_run == MAX_NON_STARTERS


@pytest.mark.checklist(46)
async def test_text_of_a_form_without_its_token_is_not_normalised(calls: NormalizeCalls) -> None:
    with Failures() as failures:
        for route in POSTS:
            with failures.of(route):
                prepared = await WAYS[route].prepare()
                wrong = replace(prepared, fields={**prepared.fields, "token": "wrong"})
                calls.characters = 0
                assert (await send_text(route, wrong, MARKS)).status < 500
                assert calls.characters == 0


@pytest.mark.checklist(46)
async def test_nothing_in_a_url_is_normalised(calls: NormalizeCalls) -> None:
    with Failures() as failures:
        for route in ROUTES:
            if method_of(route) == "GET" and not WAYS[route].streams:
                with failures.of(route):
                    prepared = await WAYS[route].prepare()
                    calls.characters = 0
                    path = f"{prepared.path.partition('?')[0]}?lang={quote(MARKS)}"
                    assert (await prepared.browser.request("GET", path)).status < 500
                    assert calls.characters == 0


@pytest.mark.checklist(46)
async def test_message_to_a_foreign_conversation_is_not_normalised(calls: NormalizeCalls) -> None:
    route = "POST /chat/<chat_id>/messages"
    prepared = await WAYS[route].prepare()
    await send(
        replace(prepared, path=prepared.path.replace("/messages", "/leave")),
        body_with({"token": _leave_token(prepared)}, "x", ""),
    )
    calls.characters = 0
    reply = await send_text(route, prepared, MARKS)
    # The form is older than the secret, which is new since the last conversation was left.
    assert reply.status == 404
    assert MARKS in reply.page.text
    assert calls.characters == 0


def _leave_token(prepared: PreparedRequest) -> str:
    secret = Secret.from_cookie(prepared.browser.cookie.partition("=")[2])
    assert secret is not None
    chat_id = prepared.path.split("/")[2]
    return prepared.server.services.tokens.form(secret.handle, "leave", chat_id)


@pytest.mark.checklist(46)
async def test_message_sent_too_fast_is_kept_and_not_normalised(calls: NormalizeCalls) -> None:
    route = "POST /chat/<chat_id>/messages"
    prepared = await WAYS[route].prepare()
    for number in range(POST_BURST):
        page = (await prepared.browser.get(prepared.path.replace("/messages", "/composer"))).page
        await prepared.browser.submit(page.form("/messages"), text=f"{number}")
    calls.characters = 0
    reply = await send_text(route, prepared, MARKS)
    assert reply.status == 429
    assert reply.page.form("/messages").fields["text"] == MARKS
    assert calls.characters == 0


@pytest.mark.checklist(46)
async def test_code_tried_too_often_is_kept_and_not_normalised(calls: NormalizeCalls) -> None:
    route = "POST /invite"
    prepared = await WAYS[route].prepare()
    await prepared.browser.submit(
        (await prepared.browser.get("/")).page.form("/pair"), intent="any"
    )
    form = (await prepared.browser.get("/rooms")).page.form("/invite")
    prepared = replace(prepared, fields=form.fields)
    # What is not a code is one guess, like a wrong code.
    statuses = [(await send_text(route, prepared, MARKS)).status for _ in range(GUESS_BURST)]
    assert statuses == [404] * GUESS_BURST
    calls.characters = 0
    reply = await send_text(route, prepared, MARKS)
    assert reply.status == 429
    assert reply.page.form("/invite").fields["code"] == MARKS
    assert calls.characters == 0


@pytest.mark.checklist(46)
async def test_title_of_one_room_too_many_is_kept_and_not_normalised(
    calls: NormalizeCalls,
) -> None:
    route = "POST /rooms/new"
    prepared = await WAYS[route].prepare()
    browser = prepared.browser
    for _ in range(JOIN_BURST):
        form = (await browser.get("/rooms/new")).page.form("/rooms/new")
        talk = (await browser.submit(form, title="A title")).page.links["To the room"]
        await browser.submit((await browser.get(talk)).page.form("/leave"))
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    calls.characters = 0
    reply = await browser.submit(form, title=MARKS)
    assert reply.status == 429
    assert reply.page.form("/rooms/new").fields["title"] == MARKS
    assert calls.characters == 0


@pytest.mark.checklist(46)
@pytest.mark.parametrize("route", ["POST /invite", "POST /rooms/new"])
async def test_long_code_or_title_is_kept_and_not_normalised(
    route: str, calls: NormalizeCalls
) -> None:
    prepared, text = await WAYS[route].prepare(), "\u0301" * 5_000
    calls.characters = 0
    reply = await send_text(route, prepared, text)
    assert reply.status in {400, 404}
    assert text in [form.fields.get(name_of(route)) for form in reply.page.forms]
    assert calls.characters == 0


async def test_longest_code_that_is_read_has_both_spellings_with_much_between() -> None:
    prepared = await WAYS["POST /invite"].prepare()
    words = prepared.fields["code"].replace("-", " - " * 12)
    assert len(words) < MAX_RAW_CODE_CHARS
    reply = await send_text("POST /invite", prepared, words)
    assert reply.status == 200
