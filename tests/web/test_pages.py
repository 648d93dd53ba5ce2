"""Whatever the house answers, and with whatever status: no script, no trace, no way out."""

from __future__ import annotations

import re

import pytest

from server.web.edge.headers import EVERYWHERE
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
"""Answers that show what somebody has said, which may look like anything."""

every_answer = pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)


@pytest.mark.checklist(1, 2, 3, 4)
@every_answer
async def test_answer_has_its_status_and_every_header_of_the_table(answer: Answer) -> None:
    reply = await answer(make_server())
    assert reply.status == ANSWERS[answer]
    wire.check_policy(reply)
    wire.check_values(reply)
    wire.check_keeping(reply, is_file=False)
    wire.check_untold(reply)


@pytest.mark.checklist(5)
@every_answer
async def test_answer_has_no_script_and_names_nothing_outside(answer: Answer) -> None:
    wire.check_content(await answer(make_server()), said=answer in SAID)


@pytest.mark.parametrize("answer", PAGES, ids=lambda answer: answer.__name__)
async def test_page_is_whole_and_names_its_language_and_its_title(answer: Answer) -> None:
    reply = await answer(make_server())
    html = reply.body.decode()
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert html.startswith("<!doctype html>\n<html lang=en>")
    assert reply.page.title.strip()


@pytest.mark.checklist(9)
@every_answer
async def test_answer_sends_nobody_to_another_server(answer: Answer) -> None:
    wire.check_ways(await answer(make_server()))


@every_answer
async def test_page_that_leads_nowhere_is_never_shown(answer: Answer) -> None:
    reply = await answer(make_server())
    if answer in {of_redirect, of_joined, of_other_method}:
        assert reply.body == b""
    elif answer in {of_gateway, of_rewritten_form}:
        # By whatever way one went on from there, one would come back to it.
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
        # The same for all who read, so that what is streamed is the same for all of them.
        assert len(nonces) == 1
        drawn |= nonces
    assert len(drawn) == 2


async def nonce_of(talker: Talker[AppBrowser], path: str) -> str:
    """The nonce that the policy of a page allows, which is that of its one style."""
    browser, path = talker.browser, f"{talker.chat}/{path}"
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


@pytest.mark.parametrize("path", ["/", "/help", "/nothing", "/wait", "/about"])
async def test_head_has_the_status_and_the_headers_of_get(path: str) -> None:
    server = make_server()
    got = await server.browser().request("GET", path)
    head = await server.browser().request("HEAD", path)
    assert head.status == got.status
    assert set(EVERYWHERE) <= set(head.headers)


@pytest.mark.checklist(9)
async def test_path_is_served_or_it_is_not_and_never_corrected() -> None:
    server = make_server()
    for path in ("//", "//help", "/help/", "/HELP", "/help//", "/%2e%2e/help", "/./help", "/;/"):
        reply = await server.browser().request("GET", path)
        assert reply.status in {200, 404}
        assert "location" not in reply.headers
    assert not server.services.failures
