"""No form and no URL causes a bug in the server, whatever its content."""

from __future__ import annotations

import asyncio
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import ChatPair

from .appbrowser import AppBrowser, AppServer, make_server

FIELDS = ("token", "text", "intent", "view", "after", "several", "more", "lang", "seq",
          "who", "act", "code", "title", "uses", "minutes", "every", "write", "steady",
          "still", "kib", "dull")  # fmt: skip
POSTS = (
    "/pair",
    "/wait/cancel",
    "/rooms/common/join",
    "/rooms/new",
    "/invite",
    "/language",
    "{chat}/messages",
    "{chat}/mute",
    "{chat}/delete",
    "{chat}/host",
    "{chat}/invitation",
    "{chat}/aside",
    "{chat}/again",
    "{chat}/here",
    "/mine/time",
    "/mine/title",
    "/mine/steady",
    "/wait/here",
    "/wait/further",
    "/wait/go-on",
    "{chat}/next",
    "{chat}/leave",
)
GETS = (
    "/",
    "/wait",
    "/rooms",
    "/knock/{word}",
    "/chat/{word}",
    "{chat}",
    "{chat}/plain",
    "{chat}/live",
    "{chat}/composer",
    "{chat}/people",
    "/mine",
    "/cookies",
)


words = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "talk", "plain", "1", "-1", "9" * 30, "٣", "\x00", "\ud7ff", "a" * 3_000]),
    st.integers().map(str),
)
fields = st.lists(st.tuples(st.sampled_from(FIELDS), words), max_size=6)


async def ask_all(
    server: AppServer, pair: ChatPair[AppBrowser], form: list[tuple[str, str]], raw: bytes
) -> None:
    """Send a form with and without a valid token, and arbitrary bytes, to every path."""
    browser, chat = pair.first.browser, pair.first.path
    composer = (await browser.get(f"{chat}/composer")).page
    good = composer.form("/messages").fields["token"]
    for path in POSTS:
        for body in (urlencode(form), urlencode([("token", good), *form])):
            reply = await browser.request("POST", path.format(chat=chat), body.encode())
            assert reply.status < 500
        assert (await browser.request("POST", path.format(chat=chat), raw)).status < 500
    for path in GETS:
        query = urlencode(form)
        word = quote(form[0][1], safe="") if form else "x"
        reply = await browser.request("HEAD", f"{path.format(chat=chat, word=word)}?{query}")
        assert reply.status < 500
    assert not server.services.failures


@pytest.mark.slow  # several thousand requests
@settings(max_examples=30, deadline=None)
@given(form=fields, raw=st.binary(max_size=60))
def test_no_form_breaks_the_server(form: list[tuple[str, str]], raw: bytes) -> None:
    async def run() -> None:
        server = make_server()
        await ask_all(server, await server.pair(), form, raw)

    asyncio.run(run())


@pytest.mark.slow  # sixty conversations
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_is_delivered_or_refused_as_empty(text: str) -> None:
    async def run() -> None:
        server = make_server()
        pair = await server.pair()
        reply = await pair.first.send(text)
        arrived = await pair.second.texts()
        assert reply.status in {200, 400}
        assert len(arrived) == (reply.status == 200)
        assert not server.services.failures

    asyncio.run(run())
