"""The reloading page is small, counts new lines in its title, and cannot lose typed text."""

from __future__ import annotations

import pytest

from server.core.limits import IDLE_ANSWER_S, IDLE_QUESTION_S
from tests.fakes import ChatPair

from .appbrowser import AppBrowser, make_server
from .test_plain import post_many


async def refreshed(pair: ChatPair[AppBrowser], query: str = "?after=1&every=30") -> str:
    reply = await pair.second.browser.get(f"{pair.second.path}/plain{query}")
    assert reply.status == 200
    return reply.body.decode()


async def test_page_reloads_its_own_address() -> None:
    pair = await make_server().pair()
    reply = await pair.second.browser.get(f"{pair.second.path}/plain?after=1&every=30")
    assert reply.headers["refresh"] == "30"
    static = await pair.second.browser.get(f"{pair.second.path}/plain?after=1")
    assert "refresh" not in static.headers


async def test_title_counts_new_lines_unless_switched_off() -> None:
    pair = await make_server().pair()
    await pair.first.send("hello")
    assert "<title>(1) Conversation" in await refreshed(pair)
    assert "<title>Conversation" in await refreshed(pair, "?after=1&every=30&title=0")
    page = (await pair.second.browser.get(f"{pair.second.path}/plain?after=1&every=30")).page
    silent = (await pair.second.browser.get(page.links["No count in the title"])).page
    assert silent.title.startswith("Conversation")
    again = (await pair.second.browser.get(silent.links["Count in the title"])).page
    assert again.title.startswith("(1) ")


async def test_count_grows_until_the_reader_confirms_reading() -> None:
    pair = await make_server().pair()
    await pair.first.send("one")
    page = (await pair.second.browser.get(f"{pair.second.path}/plain?after=1&every=30")).page
    await pair.first.send("two")
    assert "(2) " in await refreshed(pair)
    read = (await pair.second.browser.get(page.links["I have read all this"])).page
    assert read.title.startswith("(1) ")
    assert [line.text for line in read.lines if not line.event] == ["one", "two"]


async def test_reloading_page_has_no_field_but_links_to_a_static_page() -> None:
    pair = await make_server().pair()
    page = (await pair.second.browser.get(f"{pair.second.path}/plain?after=1&every=30")).page
    assert not [form for form in page.forms if form.action.endswith("/messages")]
    writing = await pair.second.browser.get(page.links["Write a message"])
    assert "refresh" not in writing.headers
    form = writing.page.form("/messages")
    refused = await pair.second.browser.submit(form, text="")
    assert refused.status == 400
    sent = await pair.second.browser.post(
        form.action, {**refused.page.form("/messages").fields, "text": "words"}
    )
    assert sent.headers["location"] == f"{pair.second.path}/plain?after=1&every=30#new"


async def test_page_is_small_and_links_to_earlier_lines() -> None:
    server = make_server()
    pair = await server.pair()
    await post_many(server, pair.first, 30)
    page = (await pair.second.browser.get(f"{pair.second.path}/plain?every=10&after=31")).page
    assert [line.seq for line in page.lines] == list(range(12, 32))
    earlier = (await pair.second.browser.get(page.links["Earlier"])).page
    assert [line.seq for line in earlier.lines] == list(range(1, 12))


async def test_each_page_mode_links_to_the_others() -> None:
    pair = await make_server().pair()
    static = (await pair.second.browser.get(f"{pair.second.path}/plain")).page
    reloading = (await pair.second.browser.get(static.links["60 seconds"])).page
    assert reloading.links["Live view"] == pair.second.path
    back = await pair.second.browser.get(reloading.links["Stop reloading"])
    assert "refresh" not in back.headers


@pytest.mark.parametrize("query", ["every=4", "every=3601", "every=x", "every=-1", "write=1"])
async def test_invalid_interval_is_400(query: str) -> None:
    pair = await make_server().pair()
    reply = await pair.second.browser.get(f"{pair.second.path}/plain?{query}")
    assert reply.status == 400


async def test_reloading_page_asks_and_does_not_answer_by_itself() -> None:
    server = make_server()
    pair = await server.pair()
    path = f"{pair.second.path}/plain?after=1&every=600"
    for _ in range(int(IDLE_QUESTION_S) // 600):
        assert b"I am here" not in (await pair.second.browser.get(path)).body
        server.clock.advance(600)
        await server.store.sweep()
    question = await pair.second.browser.get(path)
    form = question.page.form("/here")
    answered = await pair.second.browser.submit(form)
    assert answered.path == f"{pair.second.path}/plain?after=1&every=600"
    assert b"I am here" not in answered.body
    server.clock.advance(IDLE_ANSWER_S + 1)
    await server.store.sweep()
    assert (await pair.second.browser.get(path)).status == 200


async def test_idle_reader_of_a_reloading_page_is_forgotten() -> None:
    server = make_server()
    pair = await server.pair()
    path = f"{pair.second.path}/plain?after=1&every=60"
    for _ in range(int(IDLE_QUESTION_S + IDLE_ANSWER_S) // 60 + 2):
        await pair.second.browser.get(path)
        server.clock.advance(60)
        await server.store.sweep()
    assert (await pair.second.browser.get(path)).status == 404


async def test_click_on_a_reloading_page_counts_as_a_press() -> None:
    server = make_server()
    pair = await server.pair()
    path = f"{pair.second.path}/plain?after=1&every=60"
    for _ in range(2 * int(IDLE_QUESTION_S) // 600):
        page = (await pair.second.browser.get(path)).page
        path = (await pair.second.browser.get(page.links["I have read all this"])).path
        server.clock.advance(600)
        await server.store.sweep()
    assert "every=60" in path
    assert b"I am here" not in (await pair.second.browser.get(path)).body


async def test_request_for_an_unknown_path_is_not_a_press() -> None:
    server = make_server()
    pair = await server.pair()
    path = f"{pair.second.path}/plain?after=1&every=60"
    for _ in range(int(IDLE_QUESTION_S + IDLE_ANSWER_S) // 60 + 2):
        await pair.second.browser.get(path)
        await pair.second.browser.get("/favicon.ico")
        server.clock.advance(60)
        await server.store.sweep()
    assert (await pair.second.browser.get(path)).status == 404
