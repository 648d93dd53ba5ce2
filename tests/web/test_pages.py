"""Every kind of answer of the server, with its status: no script, no trace, no link elsewhere.

Each answer is made once, for all rules.
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
SAID = {of_plain, of_muted}
"""Answers that show a visitor's words, which may look like anything."""

EMPTY = {of_redirect, of_joined, of_other_method}
OF_GATEWAYS = {of_gateway, of_rewritten_form}


@cache
def reply_of(answer: Answer) -> Reply:
    return asyncio.run(_reply_of(answer))


async def _reply_of(answer: Answer) -> Reply:
    return await answer(make_server())


def check_answers(answers: Iterable[Answer], check: Callable[[Answer, Reply], None]) -> None:
    """Apply a check to each answer, and list all that fail."""
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
def test_answer_has_no_script_and_names_nothing_outside() -> None:
    check_answers(ANSWERS, lambda answer, reply: wire.check_content(reply, said=answer in SAID))


def test_page_is_whole_and_names_its_language_and_its_title() -> None:
    check_answers(PAGES, check_whole)


def check_whole(_answer: Answer, reply: Reply) -> None:
    html = reply.body.decode()
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert html.startswith("<!doctype html>\n<html lang=en>")
    assert reply.page.title.strip()


@pytest.mark.checklist(9)
def test_answer_leads_to_no_other_server() -> None:
    check_answers(ANSWERS, lambda _, reply: wire.check_addresses(reply))


def test_page_that_leads_nowhere_is_never_shown() -> None:
    check_answers(ANSWERS, check_leads_on)


def check_leads_on(answer: Answer, reply: Reply) -> None:
    if answer in EMPTY:
        assert reply.body == b""
    elif answer in OF_GATEWAYS:
        # Any link would lead back through the gateway, to this page.
        assert not reply.page.links
    else:
        assert reply.page.links or reply.page.forms or reply.page.frames


async def test_every_link_of_the_server_leads_somewhere() -> None:
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
async def test_policy_is_exactly_what_was_decided() -> None:
    reply = await make_server().browser().get("/")
    assert reply.headers["content-security-policy"] == POLICY


@pytest.mark.checklist(1)
async def test_policy_of_a_conversation_allows_styles_by_a_nonce_of_its_own() -> None:
    server = make_server()
    drawn = set()
    for _ in range(2):
        pair = await server.pair()
        nonces = {
            await nonce_of(talker, path)
            for path in ("live", "plain")
            for talker in (pair.first, pair.second)
        }
        # The same for every reader, so that all streams of a room can carry the same bytes.
        assert len(nonces) == 1
        drawn |= nonces
    assert len(drawn) == 2


async def nonce_of(talker: Talker[AppBrowser], path: str) -> str:
    """The nonce in the policy of a page, which is that of its only style."""
    browser, path = talker.browser, f"{talker.path}/{path}"
    async with browser.watch(path) as stream:
        styles = re.findall(r"<style nonce=([\w-]+)>", stream.head)
    head = await browser.request("HEAD", path)
    assert without_nonce(head) == POLICY
    assert f"'nonce-{styles[0]}'" in head.headers["content-security-policy"]
    assert len(styles) == 1
    return str(styles[0])


async def test_405_of_a_page_says_which_methods_it_has() -> None:
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
async def test_path_is_served_or_refused_but_never_corrected() -> None:
    server = make_server()
    for path in ("//", "//help", "/help/", "/HELP", "/help//", "/%2e%2e/help", "/./help", "/;/"):
        reply = await server.browser().request("GET", path)
        assert reply.status in {200, 404}
        assert "location" not in reply.headers
    assert not server.services.failures
