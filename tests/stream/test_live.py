"""A stream says what happens, beats, ends when it is told, and gives the stream back."""

from __future__ import annotations

import pytest

from server.core.cells import frame
from server.core.limits import CELL_BYTES, DEAD_MAN_S, HEARTBEAT_S, RING_MESSAGES, WRITE_S, Capacity
from server.core.session.lifetime import LifetimeNotice
from server.stream.live import BLOCKED_CHECK_S, CATCH_UP_EVENTS, SPREAD_S, LiveStream
from server.stream.source import HEARTBEAT
from server.stream.state import StreamState
from server.stream.subscription import StreamEnd
from server.stream.timer_wheel import SLOT_S
from tests.fakes import knock
from tests.web.appbrowser import make_server

from .fakes import FakeContext, FakeSource, FakeTransport, entry, live_stream, start, turns

LATE_S = SPREAD_S + 2 * SLOT_S
"""Seconds that a heartbeat may be late."""

GONE = [StreamEnd.PANIC, StreamEnd.FORGOTTEN]


async def test_head_comes_first_and_is_not_padded() -> None:
    feed = FakeSource()
    feed.waiting = ["event"]
    transport = await start(live_stream(feed, "<head>"))
    assert transport.chunks[0] == frame(b"<head>")
    assert transport.written == ["<head>", "event"]
    assert len(transport.chunks[1]) == CELL_BYTES


async def test_each_event_is_a_chunk_of_its_own_and_all_pages_are_read() -> None:
    feed = FakeSource()
    feed.waiting = [f"{number}" for number in range(3 * CATCH_UP_EVENTS + 1)]
    transport = await start(live_stream(feed))
    assert transport.written[1:] == [f"{number}" for number in range(3 * CATCH_UP_EVENTS + 1)]


async def test_what_is_heard_is_said_at_once_and_nothing_is_read_for_it() -> None:
    feed = FakeSource()
    live = live_stream(feed)
    transport = await start(live)
    reads = feed.reads
    for seq in (1, 2, 3):
        assert live.receive(entry(seq))
        assert transport.written[-1] == f"(entry {seq})"
    await turns()
    assert feed.reads == reads


async def test_what_is_not_the_next_is_not_taken() -> None:
    live = live_stream(FakeSource())
    transport = await start(live)
    assert not live.receive(entry(2))
    assert transport.written == [""]
    assert live.skip(1)
    assert live.receive(entry(2))


async def test_who_is_woken_reads_and_who_reads_hears_nothing_until_it_is_along() -> None:
    feed = FakeSource()
    live = live_stream(feed)
    transport = await start(live)
    feed.waiting = ["read"]
    live.wake()
    assert not live.receive(entry(1))
    assert not live.skip(1)
    await turns()
    assert transport.written[1:] == ["read"]
    assert live.receive(entry(1))


async def test_what_happens_while_it_reads_is_not_overlooked() -> None:
    feed = FakeSource()
    live = live_stream(feed)
    transport = await start(live)

    def meanwhile() -> None:
        assert not live.receive(entry(1)) or transport.written[-1] == "(entry 1)"
        feed.waiting = ["meanwhile"]
        live.wake()

    feed.pause = meanwhile
    live.wake()
    await turns()
    assert "meanwhile" in transport.written


async def test_wake_without_news_says_nothing() -> None:
    live = live_stream(FakeSource())
    transport = await start(live)
    for _ in range(3):
        live.wake()
        await turns()
    assert transport.written == [""]


async def test_full_transport_is_sent_nothing_and_nothing_is_read_until_it_takes_more() -> None:
    feed = FakeSource()
    live = live_stream(feed)
    transport = await start(live)
    transport.places = 1
    assert live.receive(entry(1))
    assert not live.receive(entry(2))
    feed.waiting = ["two"]
    live.wake()
    await turns()
    assert (transport.written[1:], feed.waiting) == (["(entry 1)"], ["two"])
    transport.places = 9
    live.resume()
    await turns()
    assert transport.written[1:] == ["(entry 1)", "two"]


@pytest.mark.checklist(38)
async def test_who_takes_nothing_for_long_is_hung_up_on() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = live_stream(feed)
    transport = await start(live)
    transport.places = 1
    live.receive(entry(1))
    await server.pass_time(WRITE_S - 1)
    assert (transport.cuts, feed.is_open) == (0, 1)
    await server.pass_time(1 + BLOCKED_CHECK_S)
    assert (transport.cuts, feed.is_open, len(server.timer_wheel)) == (1, 0, 0)
    assert transport.written[1:] == ["(entry 1)"]


@pytest.mark.parametrize("asks_at_beats", [False, True])
async def test_silence_sends_a_heartbeat_of_one_cell_again_and_again(
    *, asks_at_beats: bool
) -> None:
    server = FakeContext()
    transport = await start(live_stream(FakeSource(server, asks_at_beats=asks_at_beats)))
    await server.pass_time(HEARTBEAT_S - 2 * SLOT_S)
    assert transport.written == [""]
    for beats in (1, 2, 3):
        await server.pass_time(HEARTBEAT_S + LATE_S - (HEARTBEAT_S - 2 * SLOT_S) * (beats == 1))
        assert transport.chunks[1:] == [HEARTBEAT.chunk] * beats
    assert len(HEARTBEAT.chunk) == CELL_BYTES


async def test_feed_that_is_asked_at_beats_may_say_something_else_or_have_news() -> None:
    server = FakeContext()
    feed = FakeSource(server, asks_at_beats=True)
    transport = await start(live_stream(feed))
    feed.waiting = ["an offer"]
    await server.pass_time(HEARTBEAT_S + LATE_S)
    assert transport.written[1:] == ["an offer"]


async def test_heartbeat_is_counted_from_the_last_chunk_and_not_from_a_wake() -> None:
    server = FakeContext()
    live = live_stream(FakeSource(server))
    transport = await start(live)
    await server.pass_time(20)
    assert live.receive(entry(1))
    for _ in range(4):
        await server.pass_time(HEARTBEAT_S / 4 - SLOT_S)
        # What is hidden from this reader wakes it, and is no beat.
        live.wake()
    assert transport.written[1:] == ["(entry 1)"]
    await server.pass_time(LATE_S + 4 * SLOT_S)
    assert transport.written[1:] == ["(entry 1)", "<i></i>"]


async def test_heartbeats_of_those_who_heard_the_same_are_spread() -> None:
    server = FakeContext()
    lives = [live_stream(FakeSource(server)) for _ in range(200)]
    transports = [await start(live) for live in lives]
    for live in lives:
        live.receive(entry(1))
    await server.pass_time(HEARTBEAT_S + LATE_S)
    at_once = []
    for _ in range(round(2 * HEARTBEAT_S / SLOT_S)):
        before = sum(len(transport.chunks) for transport in transports)
        await server.pass_time(SLOT_S)
        at_once.append(sum(len(transport.chunks) for transport in transports) - before)
    assert sum(at_once) >= 200
    assert max(at_once) < 50


def test_heartbeat_comes_before_the_line_is_called_dead() -> None:
    assert HEARTBEAT_S + SPREAD_S < DEAD_MAN_S
    # Two beats a minute at most stay under the budget of three cells for an idle minute.
    assert 60 / HEARTBEAT_S < 3


@pytest.mark.parametrize("end", list(StreamEnd))
async def test_stream_that_must_end_says_why_and_ends(end: StreamEnd) -> None:
    server = FakeContext()
    feed = FakeSource(server)
    transport = await start(live_stream(feed))
    feed.end(end)
    assert transport.written[1:] == [f"(end {end.value})"]
    assert (transport.finished, feed.is_open, len(server.timer_wheel)) == (1, 0, 0)


@pytest.mark.parametrize("end", list(StreamEnd))
async def test_end_between_opening_and_speaking_is_said(end: StreamEnd) -> None:
    feed = FakeSource()
    live = live_stream(feed, "<head>")
    await live.open()
    feed.end(end)
    transport = await speak_on(live)
    assert transport.written == ["<head>", f"(end {end.value})"]
    assert (transport.finished, feed.is_open) == (1, 0)


async def speak_on(live: LiveStream) -> FakeTransport:
    """Let a stream speak that is open already."""
    transport = FakeTransport(live)
    live.attach(transport)
    await turns()
    return transport


async def test_first_reason_to_end_stands_and_it_is_said_once() -> None:
    feed = FakeSource()
    transport = await start(live_stream(feed))
    stream = feed.subscription
    feed.end(StreamEnd.MOVED)
    feed.end(StreamEnd.STOPPED)
    assert stream.end is StreamEnd.MOVED
    assert transport.written[1:] == ["(end moved)"]


async def test_finished_feed_ends_the_stream_after_its_last_event() -> None:
    feed = FakeSource()
    feed.waiting, feed.finished = ["last"], True
    transport = await start(live_stream(feed))
    assert (transport.written[1:], transport.finished, feed.is_open) == (["last"], 1, 0)


async def test_stream_is_given_back_when_nobody_is_there_any_more() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = live_stream(feed)
    transport = await start(live)
    for _ in range(2):
        live.lost()
    assert (feed.is_open, len(server.timer_wheel), live.state is StreamState.ENDED) == (0, 0, True)
    live.wake()
    assert not live.receive(entry(1))
    await server.pass_time(2 * HEARTBEAT_S)
    assert transport.written == [""]


async def test_stream_that_is_lost_before_it_speaks_is_given_back() -> None:
    feed = FakeSource()
    live = live_stream(feed)
    await live.open()
    live.lost()
    assert feed.is_open == 0


async def test_place_that_was_taken_meanwhile_ends_the_page_with_a_farewell() -> None:
    feed = FakeSource()
    feed.is_full = True
    transport = await start(live_stream(feed, "<head>"))
    assert (transport.written, transport.finished) == (["<head>", "(end stopped)"], 1)


@pytest.mark.checklist(10)
async def test_unexpected_exception_is_counted_by_its_type_and_ends_the_stream() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    feed.is_broken = True
    transport = await start(live_stream(feed, "<head>"))
    assert (transport.written, transport.finished) == (["<head>", "<i></i>"], 1)
    assert server.failures == {"KeyError": 1}
    assert feed.is_open == 0


@pytest.mark.checklist(10)
async def test_exception_at_what_is_heard_reaches_nobody_else() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = live_stream(feed)
    transport = await start(live)
    feed.is_broken = True
    live.receive(entry(1))
    assert (transport.written, transport.finished, feed.is_open) == (["", "<i></i>"], 1, 0)
    assert server.failures == {"KeyError": 1}


@pytest.mark.parametrize("end", [*GONE, StreamEnd.MOVED])
async def test_who_is_gone_and_takes_nothing_is_cut_off_with_what_lies_there(
    end: StreamEnd,
) -> None:
    feed = FakeSource()
    live = live_stream(feed)
    transport = await start(live)
    transport.places = 1
    live.receive(entry(1))
    feed.end(end)
    assert (transport.cuts, transport.finished, feed.is_open) == (1, 0, 0)
    assert feed.forgot


@pytest.mark.parametrize("end", GONE)
async def test_who_is_gone_is_sent_nothing_more_of_what_was_just_read(end: StreamEnd) -> None:
    feed = FakeSource()
    live = live_stream(feed)
    transport = await start(live)
    feed.waiting = ["words"]
    feed.pause = lambda: feed.end(end)
    live.wake()
    await turns()
    assert transport.written[1:] == [f"(end {end.value})"]


async def test_notice_comes_after_the_news_and_is_told_once() -> None:
    feed = FakeSource()
    transport = await start(live_stream(feed))
    feed.waiting = ["words"]
    feed.notify(LifetimeNotice.OWN_LIMIT)
    await turns()
    assert transport.written[1:] == ["words", f"(notice {LifetimeNotice.OWN_LIMIT})"]
    feed.subscription.subscriber.wake()
    await turns()
    assert len(transport.written) == 3


async def test_stream_counts_what_it_sends() -> None:
    feed = FakeSource()
    live = live_stream(feed, "<head>")
    await start(live)
    live.receive(entry(1))
    assert feed.subscription.sent_bytes == len(frame(b"<head>")) + CELL_BYTES


async def test_stream_shows_what_was_said_before_and_what_is_said_then() -> None:
    server = make_server()
    pair = await server.pair()
    await pair.first.send("before")
    async with pair.second.browser.watch(f"{pair.second.path}/live") as stream:
        assert "joined" in await stream.event()
        assert ">before<" in await stream.event()
        await pair.first.send("after")
        assert ">after<" in await stream.event()
        assert (await server.store.counts()).streams == 1
    assert (await server.store.counts()).streams == 0


async def test_own_messages_come_back_with_everything_since_the_coming() -> None:
    pair = await make_server().pair()
    await pair.first.send("mine")
    async with pair.first.browser.watch(f"{pair.first.path}/live") as stream:
        events = [await stream.event() for _ in range(2)]
    assert ".n1{" in stream.head
    assert ".n2{" not in stream.head
    assert 'class="m n1"' in events[1]


async def test_after_is_exclusive() -> None:
    pair = await make_server().pair()
    for text in ("one", "two"):
        await pair.first.send(text)
    async with pair.second.browser.watch(f"{pair.second.path}/live?after=2") as stream:
        event = await stream.event()
    assert ">two<" in event
    assert "data-seq=3" in event


@pytest.mark.parametrize("after", ["3", "-1", "x", "", "1.0", "0x1", "+1", "9999999999", "%D9%A1"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_bad_place_to_begin_at_is_400(after: str, method: str) -> None:
    server = make_server()
    pair = await server.pair()
    path = f"{pair.first.path}/live?after={after}"
    assert (await pair.first.browser.request(method, path)).status == 400
    assert not server.services.failures


@pytest.mark.slow  # fills a whole ring through the composer
async def test_reader_who_comes_back_is_told_what_the_ring_forgot() -> None:
    server = make_server()
    pair = await server.pair()
    for number in range(RING_MESSAGES + 1):
        server.clock.advance(2)
        await pair.first.send(f"{number}")
    async with pair.second.browser.watch(f"{pair.second.path}/live?after=0") as stream:
        assert "1 older line is forgotten." in await stream.event()
        assert "data-seq=1 " in await stream.event()
        assert "data-seq=3>" in await stream.event()


async def test_leaving_ends_the_leavers_own_stream_and_tells_the_others() -> None:
    pair = await make_server().pair()
    async with (
        pair.first.browser.watch(f"{pair.first.path}/live?after=1") as own,
        pair.second.browser.watch(f"{pair.second.path}/live?after=1") as others,
    ):
        await pair.first.press("leave")
        assert "data-event=left" in await others.event()
        assert "url=/over" in await own.event()
    over = await pair.first.browser.get("/over")
    assert "You are no longer in this conversation" in over.page.text
    assert "/wait" in over.page.links.values()


async def test_newer_stream_sends_the_older_one_to_the_page_that_says_so() -> None:
    pair = await make_server().pair()
    path = f"{pair.first.path}/live?after=1"
    async with pair.first.browser.watch(path) as older, pair.first.browser.watch(path) as newer:
        assert f"url={pair.first.path}/moved" in await older.event()
        await pair.second.send("goes on")
        assert ">goes on<" in await newer.event()


async def test_stream_of_the_waiting_is_the_sessions_one_stream_too() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?after=1") as older:
        await knock(pair.first.browser, "talk")
        assert "over" in await older.event()
        async with pair.first.browser.watch("/wait/live"):
            assert (await server.store.counts()).streams == 1


async def test_closing_server_tells_every_stream() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?after=1") as stream:
        await server.store.close()
        assert "Press Reconnect" in await stream.event()
    reply = await pair.first.browser.request("GET", f"{pair.first.path}/live")
    assert reply.status == 503


async def test_full_server_refuses_a_stream_but_not_the_one_that_replaces_its_own() -> None:
    server = make_server(Capacity(streams=1))
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?after=1"):
        refused = await pair.second.browser.request("GET", f"{pair.second.path}/live")
        assert refused.status == 503
        async with pair.first.browser.watch(f"{pair.first.path}/live?after=1") as newer:
            await pair.second.send("still heard")
            assert ">still heard<" in await newer.event()


async def test_forgotten_session_ends_its_stream() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?after=1") as stream:
        server.clock.advance(12 * 60 * 60 + 1)
        await server.store.sweep()
        assert "over" in await stream.event()


async def test_stream_says_its_charset_and_asks_to_be_reconnected() -> None:
    pair = await make_server().pair()
    reply = await pair.first.browser.request("HEAD", f"{pair.first.path}/live")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert int(reply.headers["refresh"]) >= 1


async def test_every_text_in_the_stream_is_escaped() -> None:
    pair = await make_server().pair()
    await pair.first.send("</span><script>alert(1)</script>&amp;")
    async with pair.second.browser.watch(f"{pair.second.path}/live?after=1") as stream:
        event = await stream.event()
    assert "&lt;/span&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in event
