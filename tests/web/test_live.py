"""The live body delivers, beats, ends when it is told, and gives the stream back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from server.core.cells import framed_bytes
from server.core.errors import HouseFullError
from server.core.limits import CELL_BYTES, DEAD_MAN_S, HEARTBEAT_S, RING_MESSAGES, Capacity
from server.core.stay import Told
from server.store.base_streams import Notice, Stream, StreamEnd
from server.web.live import LiveBody
from tests.fakes import knock

from .appbrowser import make_house


class FakeFeed:
    """Says what a test puts into it."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.finished = False
        self.held = 0
        self.stream: Stream | None = None
        self.wake: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def hold(self, wake: Callable[[], None]) -> AsyncIterator[Stream]:
        """Stand for the session's one stream."""
        self.wake, self.stream = wake, Stream(wake)
        self.held += 1
        try:
            yield self.stream
        finally:
            self.held -= 1

    async def news(self) -> list[str]:
        """What was put in since the last call."""
        said, self.waiting = self.waiting, []
        return said

    def say(self, *events: str) -> None:
        """Put events in, and wake the body."""
        self.waiting += events
        self.wake()

    def forget(self) -> None:
        """Drop what is held."""
        self.waiting.clear()

    async def beat(self) -> str:
        """What is said after a silence."""
        return "(beat)"

    async def notice(self, notice: Notice) -> str:
        """What is for this reader alone."""
        return f"(notice: {notice})"

    def farewell(self, end: StreamEnd) -> str:
        """What is said at the end."""
        return f"(end: {end.value})"


def body_of(feed: FakeFeed, head: str = "", heartbeat_s: float = 60) -> LiveBody:
    return LiveBody(head, feed, Counter(), heartbeat_s)


async def test_head_comes_first_and_is_not_padded() -> None:
    feed = FakeFeed()
    feed.waiting = ["event"]
    async with body_of(feed, head="<head>") as body:
        assert await anext(body) == b"<head>"
        event = await anext(body)
    assert event.rstrip() == b"event"
    assert framed_bytes(len(event)) == CELL_BYTES


async def test_each_event_is_a_chunk_of_its_own() -> None:
    feed = FakeFeed()
    feed.waiting = ["one", "two"]
    async with body_of(feed) as body:
        assert [(await anext(body)).strip() for _ in range(2)] == [b"one", b"two"]


async def test_event_that_happens_while_waiting_is_delivered() -> None:
    feed = FakeFeed()
    async with body_of(feed) as body:
        waiting = asyncio.ensure_future(anext(body))
        await asyncio.sleep(0)
        feed.say("hello")
        assert (await waiting).strip() == b"hello"


async def test_served_reader_waits_again_instead_of_spinning() -> None:
    feed = FakeFeed()
    async with body_of(feed) as body:
        feed.say("hello")
        assert (await anext(body)).strip() == b"hello"
        waiting = asyncio.ensure_future(anext(body))
        await asyncio.sleep(0)
        assert not waiting.done()
        feed.say("again")
        assert (await waiting).strip() == b"again"


async def test_wake_without_news_says_nothing() -> None:
    feed = FakeFeed()
    async with body_of(feed) as body:
        waiting = asyncio.ensure_future(anext(body))
        for _ in range(3):
            await asyncio.sleep(0)
            feed.wake()
        await asyncio.sleep(0)
        assert not waiting.done()
        feed.say("at last")
        assert (await waiting).strip() == b"at last"


async def test_silence_sends_a_heartbeat_of_one_cell() -> None:
    async with body_of(FakeFeed(), heartbeat_s=0) as body:
        beat = await anext(body)
    assert beat.strip() == b"(beat)"
    assert framed_bytes(len(beat)) == CELL_BYTES


async def test_heartbeat_comes_in_time_although_hidden_things_wake_the_stream() -> None:
    feed = FakeFeed()
    loop = asyncio.get_running_loop()
    async with body_of(feed, head="<head>", heartbeat_s=0.05) as body:
        await anext(body)
        begun_s = loop.time()
        beat = asyncio.ensure_future(anext(body))
        while not beat.done():
            feed.wake()
            await asyncio.sleep(0)
            assert loop.time() - begun_s < 5
        assert (await beat).strip() == b"(beat)"


def test_heartbeat_comes_before_the_line_is_called_dead() -> None:
    assert HEARTBEAT_S < DEAD_MAN_S
    # Two beats a minute at most stay under the budget of three cells for an idle minute.
    assert 60 / HEARTBEAT_S < 3


@pytest.mark.parametrize("end", list(StreamEnd))
async def test_stream_that_must_end_says_why_and_ends(end: StreamEnd) -> None:
    feed = FakeFeed()
    async with body_of(feed) as body:
        waiting = asyncio.ensure_future(anext(body))
        await asyncio.sleep(0)
        assert feed.stream is not None
        feed.stream.finish(end)
        assert (await waiting).strip() == f"(end: {end.value})".encode()
        with pytest.raises(StopAsyncIteration):
            await anext(body)


def test_first_reason_to_end_stands() -> None:
    woken: list[str] = []
    stream = Stream(lambda: woken.append("woken"))
    stream.finish(StreamEnd.MOVED)
    stream.finish(StreamEnd.STOPPED)
    assert stream.end is StreamEnd.MOVED
    assert woken


async def test_finished_feed_ends_the_stream_after_its_last_event() -> None:
    feed = FakeFeed()
    feed.waiting, feed.finished = ["last"], True
    async with body_of(feed) as body:
        assert [chunk.strip() async for chunk in body] == [b"last"]


async def test_stream_is_held_for_as_long_as_the_body_is_and_then_given_back() -> None:
    feed = FakeFeed()
    # Held here, so that what gives the stream back is the body and not the garbage collector.
    body = body_of(feed)
    async with body:
        assert feed.held == 1
    assert feed.held == 0


async def test_stream_is_given_back_when_its_task_is_cancelled() -> None:
    feed = FakeFeed()
    body = body_of(feed)

    async def read() -> None:
        async with body:
            await anext(body)

    reading = asyncio.ensure_future(read())
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert feed.held == 0


async def test_place_that_was_taken_meanwhile_ends_the_page_with_a_farewell() -> None:
    class FullFeed(FakeFeed):
        @asynccontextmanager
        async def hold(self, wake: Callable[[], None]) -> AsyncIterator[Stream]:
            raise HouseFullError
            yield

    async with body_of(FullFeed(), head="<head>") as body:
        said = [chunk.strip() async for chunk in body]
    assert said == [b"<head>", b"(end: stopped)"]


@pytest.mark.checklist(10)
async def test_unexpected_exception_is_counted_by_its_type_and_ends_the_stream() -> None:
    class BrokenFeed(FakeFeed):
        async def news(self) -> list[str]:
            raise KeyError("what somebody said")

    feed, failures = BrokenFeed(), Counter[str]()
    async with LiveBody("<head>", feed, failures) as body:
        assert [chunk async for chunk in body] == [b"<head>"]
    assert failures == {"KeyError": 1}
    assert feed.held == 0


@pytest.mark.parametrize("end", [StreamEnd.PANIC, StreamEnd.FORGOTTEN])
async def test_who_is_gone_is_sent_nothing_more_of_what_was(end: StreamEnd) -> None:
    feed = FakeFeed()
    async with body_of(feed) as body:
        feed.say("one", "two", "three")
        assert (await anext(body)).strip() == b"one"
        assert feed.stream is not None
        feed.stream.finish(end)
        said = [chunk.strip() async for chunk in body]
    assert said == [f"(end: {end.value})".encode()]


@pytest.mark.parametrize("end", [StreamEnd.PANIC, StreamEnd.FORGOTTEN])
async def test_who_is_gone_and_takes_nothing_has_nothing_more_held_for_them(
    end: StreamEnd,
) -> None:
    feed = FakeFeed()
    async with body_of(feed) as body:
        feed.say("one", "two", "three")
        assert (await anext(body)).strip() == b"one"
        feed.say("four")
        assert feed.stream is not None
        feed.stream.finish(end)
        # At once, without anybody asking for the next chunk.
        assert not body._queue
        assert not feed.waiting


async def test_notice_comes_after_the_news_and_is_told_once() -> None:
    feed = FakeFeed()
    async with body_of(feed) as body:
        assert feed.stream is not None
        feed.say("words")
        feed.stream.tell(Told.OWN_LIMIT)
        assert (await anext(body)).strip() == b"words"
        assert (await anext(body)).strip() == f"(notice: {Told.OWN_LIMIT})".encode()
        waiting = asyncio.ensure_future(anext(body))
        await asyncio.sleep(0)
        assert not waiting.done()
        feed.say("more")
        assert (await waiting).strip() == b"more"


async def test_stream_counts_what_it_sends() -> None:
    feed = FakeFeed()
    async with body_of(feed, head="<head>") as body:
        await anext(body)
        feed.say("words")
        await anext(body)
        assert feed.stream is not None
        assert feed.stream.sent_bytes == framed_bytes(len("<head>")) + CELL_BYTES


async def test_stream_shows_what_was_said_before_and_what_is_said_then() -> None:
    house = make_house()
    pair = await house.pair()
    await pair.first.say("before")
    async with pair.second.browser.watch(f"{pair.second.chat}/live") as stream:
        assert "joined" in await stream.event()
        assert ">before<" in await stream.event()
        await pair.first.say("after")
        assert ">after<" in await stream.event()
        assert (await house.store.counts()).streams == 1
    assert (await house.store.counts()).streams == 0


async def test_own_messages_come_back_with_everything_since_the_coming() -> None:
    pair = await make_house().pair()
    await pair.first.say("mine")
    async with pair.first.browser.watch(f"{pair.first.chat}/live") as stream:
        events = [await stream.event() for _ in range(2)]
    assert ".n1{" in stream.head
    assert ".n2{" not in stream.head
    assert 'class="m n1"' in events[1]


async def test_after_is_exclusive() -> None:
    pair = await make_house().pair()
    for text in ("one", "two"):
        await pair.first.say(text)
    async with pair.second.browser.watch(f"{pair.second.chat}/live?after=2") as stream:
        event = await stream.event()
    assert ">two<" in event
    assert "data-seq=3" in event


@pytest.mark.parametrize("after", ["3", "-1", "x", "", "1.0", "0x1", "+1", "9999999999", "%D9%A1"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_bad_place_to_begin_at_is_400(after: str, method: str) -> None:
    house = make_house()
    pair = await house.pair()
    path = f"{pair.first.chat}/live?after={after}"
    assert (await pair.first.browser.request(method, path)).status == 400
    assert not house.services.failures


@pytest.mark.slow  # fills a whole ring through the composer
async def test_reader_who_comes_back_is_told_what_the_ring_forgot() -> None:
    house = make_house()
    pair = await house.pair()
    for number in range(RING_MESSAGES + 1):
        house.clock.advance(2)
        await pair.first.say(f"{number}")
    async with pair.second.browser.watch(f"{pair.second.chat}/live?after=0") as stream:
        assert "1 older line is forgotten." in await stream.event()
        assert "data-seq=1 " in await stream.event()
        assert "data-seq=3>" in await stream.event()


async def test_leaving_ends_the_leavers_own_stream_and_tells_the_others() -> None:
    pair = await make_house().pair()
    async with (
        pair.first.browser.watch(f"{pair.first.chat}/live?after=1") as own,
        pair.second.browser.watch(f"{pair.second.chat}/live?after=1") as others,
    ):
        await pair.first.press("leave")
        assert "data-event=left" in await others.event()
        assert "url=/over" in await own.event()
    over = await pair.first.browser.get("/over")
    assert "You are not in this conversation any more" in over.page.text
    assert "/wait" in over.page.links.values()


async def test_newer_stream_sends_the_older_one_to_the_page_that_says_so() -> None:
    pair = await make_house().pair()
    path = f"{pair.first.chat}/live?after=1"
    async with pair.first.browser.watch(path) as older, pair.first.browser.watch(path) as newer:
        assert f"url={pair.first.chat}/moved" in await older.event()
        await pair.second.say("goes on")
        assert ">goes on<" in await newer.event()


async def test_stream_of_the_waiting_is_the_sessions_one_stream_too() -> None:
    house = make_house()
    pair = await house.pair()
    async with pair.first.browser.watch(f"{pair.first.chat}/live?after=1") as older:
        await knock(pair.first.browser, "talk")
        assert "over" in await older.event()
        async with pair.first.browser.watch("/wait/live"):
            assert (await house.store.counts()).streams == 1


async def test_closing_house_tells_every_stream() -> None:
    house = make_house()
    pair = await house.pair()
    async with pair.first.browser.watch(f"{pair.first.chat}/live?after=1") as stream:
        await house.store.close()
        assert "Press Reconnect" in await stream.event()
    reply = await pair.first.browser.request("GET", f"{pair.first.chat}/live")
    assert reply.status == 503


async def test_full_house_refuses_a_stream_but_not_the_one_that_replaces_its_own() -> None:
    house = make_house(Capacity(streams=1))
    pair = await house.pair()
    async with pair.first.browser.watch(f"{pair.first.chat}/live?after=1"):
        refused = await pair.second.browser.request("GET", f"{pair.second.chat}/live")
        assert refused.status == 503
        async with pair.first.browser.watch(f"{pair.first.chat}/live?after=1") as newer:
            await pair.second.say("still heard")
            assert ">still heard<" in await newer.event()


async def test_forgotten_session_ends_its_stream() -> None:
    house = make_house()
    pair = await house.pair()
    async with pair.first.browser.watch(f"{pair.first.chat}/live?after=1") as stream:
        house.clock.advance(12 * 60 * 60 + 1)
        await house.store.forget_due()
        assert "over" in await stream.event()


async def test_stream_says_its_charset_and_asks_to_be_reconnected() -> None:
    pair = await make_house().pair()
    reply = await pair.first.browser.request("HEAD", f"{pair.first.chat}/live")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert int(reply.headers["refresh"]) >= 1


async def test_every_text_in_the_stream_is_escaped() -> None:
    pair = await make_house().pair()
    await pair.first.say("</span><script>alert(1)</script>&amp;")
    async with pair.second.browser.watch(f"{pair.second.chat}/live?after=1") as stream:
        event = await stream.event()
    assert "&lt;/span&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in event
