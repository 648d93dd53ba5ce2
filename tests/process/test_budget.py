"""Bytes that typical actions of a visitor cost on the wire, heads and framing included."""

from __future__ import annotations

import pytest

from server.core.limits import CELL_BYTES, MAX_WRITERS
from server.demo.text_browser import Reply, TextBrowser
from tests.fakes import ChatPair, Talker, join_room, press_intent

from .server_process import ServerProcess

FIRST_CONVERSATION_BYTES = 9_000
WITHOUT_STYLESHEET_BYTES = 6_500
STYLESHEET_BYTES = 3_500
FIRST_CONVERSATION_REQUESTS = 7
POST_BYTES = 1_500


class ByteCounter:
    """Records the bytes that each request of a browser receives."""

    def __init__(self, browser: TextBrowser) -> None:
        self._browser = browser
        self.costs: list[int] = []

    async def request(self, method: str, path: str, body: bytes = b"") -> Reply:
        """Send one request and record its bytes."""
        reply = await self._browser.request(method, path, body)
        self.costs.append(reply.wire_bytes)
        return reply

    async def stream_until(self, path: str, event: str) -> None:
        """Read a stream up to its first event of that kind and record its bytes."""
        async with self._browser.stream(path) as stream:
            async for update in stream.lines():
                if [line for line in update.lines if line.event == event]:
                    break
            self.costs.append(stream.wire_bytes)


async def enter_chat(counter: ByteCounter) -> None:
    """Go from the start page into a chat with a waiting visitor, with all requests of a browser."""
    start = await counter.request("GET", "/")
    form = start.page.form("/pair")
    body = f"token={form.fields['token']}&intent=listen".encode()
    pressed = await counter.request("POST", form.action, body)
    chat = await counter.request("GET", pressed.headers["location"])
    await counter.request("GET", chat.page.frames["c"])
    await counter.stream_until(chat.page.frames["l"], "joined")
    await counter.request("GET", stylesheet_of(start))


async def post_once(counter: ByteCounter, writer: Talker[TextBrowser]) -> None:
    """Send the form of an open composer, and open the composer that follows."""
    form = (await writer.browser.get(f"{writer.path}/composer")).page.form("/messages")
    body = f"token={form.fields['token']}&text=hello".encode()
    posted = await counter.request("POST", form.action, body)
    assert posted.status == 303
    await counter.request("GET", posted.headers["location"])


def stylesheet_of(page: Reply) -> str:
    """Return the path of the page's stylesheet."""
    return page.body.decode().partition("<link rel=stylesheet href=")[2].partition(">")[0]


@pytest.mark.checklist(20)
async def test_way_from_the_start_page_into_a_chat_is_cheap(server: ServerProcess) -> None:
    assert (await press_intent(server.browser(), "talk")).path == "/wait"
    counter = ByteCounter(server.browser())
    await enter_chat(counter)
    assert len(counter.costs) <= FIRST_CONVERSATION_REQUESTS
    *pages, stylesheet = counter.costs
    assert sum(pages) <= WITHOUT_STYLESHEET_BYTES, (sum(pages), pages)
    assert stylesheet <= STYLESHEET_BYTES
    assert sum(counter.costs) <= FIRST_CONVERSATION_BYTES, (sum(counter.costs), counter.costs)


@pytest.mark.checklist(20)
async def test_post_with_its_redirect_and_new_composer_is_cheap(server: ServerProcess) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    counter = ByteCounter(pair.first.browser)
    await post_once(counter, pair.first)
    assert sum(counter.costs) <= POST_BYTES, counter.costs


@pytest.mark.checklist(20)
async def test_post_beside_the_names_of_writers_is_cheap(server: ServerProcess) -> None:
    writer, *others = [await join_room(server.browser()) for _ in range(MAX_WRITERS + 1)]
    for other in others:
        await other.send("words")
    counter = ByteCounter(writer.browser)
    await post_once(counter, writer)
    composer = await writer.browser.get(f"{writer.path}/composer")
    assert composer.body.count(b"name=to ") == MAX_WRITERS
    # A name has up to 19 characters, and these may be shorter.
    assert sum(counter.costs) <= POST_BYTES - 30, counter.costs


@pytest.mark.checklist(19, 20)
@pytest.mark.parametrize("text", ["a", "a" * 200, "b" * 300])
async def test_one_message_costs_its_reader_one_cell(server: ServerProcess, text: str) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    assert await cost_of(pair.first, pair.second, text) == CELL_BYTES


async def cost_of(writer: Talker[TextBrowser], reader: Talker[TextBrowser], text: str) -> int:
    """Return the bytes that one message costs on a stream that is up to date."""
    async with reader.browser.stream(f"{reader.path}/live?after=1") as stream:
        await anext(stream.chunks())
        before = stream.wire_bytes
        await writer.send(text)
        async for update in stream.lines():
            if update.lines:
                return stream.wire_bytes - before
    raise AssertionError
