"""Every kind of answer has its status, and no script, no trace and no link to another site.

Each answer is created once and checked against all rules.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from functools import cache

import pytest

from server.demo.text_browser import Reply
from server.web.edge.headers import EVERYWHERE
from tests.failures import Failures
from tests.fakes import Talker

from . import wire
from .answers import (
    ANSWERS,
    Answer,
    of_gateway,
    of_joined,
    of_muted,
    of_other_method,
    of_plain,
    of_redirect,
    of_rewritten_form,
)
from .appbrowser import AppBrowser, make_server
from .wire import POLICY, without_nonce

PAGES = [answer for answer, status in ANSWERS.items() if status == 200]
SHOWS_VISITOR_TEXT = {of_plain, of_muted}
"""Answers that show a visitor's text, which may look like anything."""

EMPTY = {of_redirect, of_joined, of_other_method}
OF_GATEWAYS = {of_gateway, of_rewritten_form}


@cache
def reply_of(answer: Answer) -> Reply:
    return asyncio.run(_reply_of(answer))


async def _reply_of(answer: Answer) -> Reply:
    return await answer(make_server())


def check_answers(answers: Iterable[Answer], check: Callable[[Answer, Reply], None]) -> None:
    """Apply a check to each answer and report all failures together."""
    with Failures() as failures:
        for answer in answers:
            with failures.of(answer.__name__):
                check(answer, reply_of(answer))


@pytest.mark.checklist(1, 2, 3, 4)
def test_answer_has_its_status_and_every_header_of_the_table() -> None:
    check_answers(ANSWERS, check_headers)


def check_headers(answer: Answer, reply: Reply) -> None:
    assert reply.status == ANSWERS[answer]
    wire.check_policy(reply)
    wire.check_values(reply)
    wire.check_caching(reply, is_file=False)
    wire.check_headers_reveal_nothing(reply)


@pytest.mark.checklist(5)
def test_answer_has_no_script_and_no_external_reference() -> None:
    check_answers(
        ANSWERS,
        lambda answer, reply: wire.check_content(
            reply, has_visitor_text=answer in SHOWS_VISITOR_TEXT
        ),
    )


def test_page_is_complete_and_has_a_language_and_a_title() -> None:
    check_answers(PAGES, check_complete)


def check_complete(_answer: Answer, reply: Reply) -> None:
    html = reply.body.decode()
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert html.startswith("<!doctype html><html lang=en>")
    assert reply.page.title.strip()


@pytest.mark.checklist(9)
def test_answer_has_no_address_of_another_server() -> None:
    check_answers(ANSWERS, lambda _, reply: wire.check_addresses(reply))


def test_every_page_offers_a_way_on() -> None:
    check_answers(ANSWERS, check_way_on)


def check_way_on(answer: Answer, reply: Reply) -> None:
    if answer in EMPTY:
        assert reply.body == b""
    elif answer in OF_GATEWAYS:
        # Any link would lead back through the gateway to this page.
        assert not reply.page.links
    else:
        assert reply.page.links or reply.page.forms or reply.page.frames


async def test_no_link_is_broken() -> None:
    server = make_server()
    seen, waiting = set[str](), {"/"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        reply = await server.browser().get(path)
        assert reply.status == 200, path
        if reply.headers["content-type"].startswith("text/html"):
            waiting |= set(reply.page.links.values()) - seen
    assert {"/", "/pair", "/rooms", "/rooms/new", "/safety", "/privacy", "/help", "/about"} <= seen


@pytest.mark.checklist(1)
async def test_content_policy_is_exactly_the_specified_one() -> None:
    reply = await make_server().browser().get("/")
    assert reply.headers["content-security-policy"] == POLICY


@pytest.mark.checklist(1)
async def test_policy_of_a_conversation_has_its_own_style_nonce() -> None:
    server = make_server()
    drawn = set()
    for _ in range(2):
        pair = await server.pair()
        nonces = {
            await nonce_of(talker, path)
            for path in ("live", "plain")
            for talker in (pair.first, pair.second)
        }
        # The same nonce for every reader, so that all streams of a room can carry the same bytes.
        assert len(nonces) == 1
        drawn |= nonces
    assert len(drawn) == 2


async def nonce_of(talker: Talker[AppBrowser], path: str) -> str:
    """Return the nonce in the policy of a page, after checking that its only style has it."""
    browser, path = talker.browser, f"{talker.path}/{path}"
    async with browser.watch(path) as stream:
        styles = re.findall(r"<style nonce=([\w-]+)>", stream.head)
    head = await browser.request("HEAD", path)
    assert without_nonce(head) == POLICY
    assert f"'nonce-{styles[0]}'" in head.headers["content-security-policy"]
    assert len(styles) == 1
    return str(styles[0])


async def test_405_of_a_page_lists_its_methods() -> None:
    reply = await make_server().browser().request("POST", "/help")
    assert {"GET", "HEAD"} <= set(reply.headers["allow"].split(", "))


async def test_head_has_the_status_and_the_headers_of_get() -> None:
    with Failures() as failures:
        for path in ("/", "/help", "/nothing", "/wait", "/about"):
            with failures.of(path):
                server = make_server()
                got = await server.browser().request("GET", path)
                head = await server.browser().request("HEAD", path)
                assert head.status == got.status
                assert set(EVERYWHERE) <= set(head.headers)


@pytest.mark.checklist(9)
async def test_path_is_served_or_refused_but_never_redirected() -> None:
    server = make_server()
    for path in ("//", "//help", "/help/", "/HELP", "/help//", "/%2e%2e/help", "/./help", "/;/"):
        reply = await server.browser().request("GET", path)
        assert reply.status in {200, 404}
        assert "location" not in reply.headers
    assert not server.services.failures
