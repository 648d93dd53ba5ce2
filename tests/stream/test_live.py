"""A stream writes events and heartbeats, ends when signalled, and is then closed."""

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
from tests.fakes import press_intent
from tests.web.appbrowser import make_server

from .fakes import FakeContext, FakeSource, FakeTransport, entry, live_stream, run_tasks, start

LATE_S = SPREAD_S + 2 * SLOT_S
"""Seconds by which a heartbeat may be late."""

GONE = [StreamEnd.PANIC, StreamEnd.FORGOTTEN]


async def test_head_comes_first_and_is_not_padded() -> None:
    source = FakeSource()
    source.pending = ["event"]
    transport = await start(live_stream(source, "<head>"))
    assert transport.chunks[0] == frame(b"<head>")
    assert transport.written == ["<head>", "event"]
    assert len(transport.chunks[1]) == CELL_BYTES


async def test_each_event_is_one_chunk_and_all_pages_are_read() -> None:
    source = FakeSource()
    source.pending = [f"{number}" for number in range(3 * CATCH_UP_EVENTS + 1)]
    transport = await start(live_stream(source))
    assert transport.written[1:] == [f"{number}" for number in range(3 * CATCH_UP_EVENTS + 1)]


async def test_live_stream_writes_an_entry_at_once_without_a_read() -> None:
    source = FakeSource()
    stream = live_stream(source)
    transport = await start(stream)
    reads = source.reads
    for seq in (1, 2, 3):
        assert stream.receive(entry(seq))
        assert transport.written[-1] == f"(entry {seq})"
    await run_tasks()
    assert source.reads == reads


async def test_entry_that_is_not_the_next_is_refused() -> None:
    stream = live_stream(FakeSource())
    transport = await start(stream)
    assert not stream.receive(entry(2))
    assert transport.written == [""]
    assert stream.skip(1)
    assert stream.receive(entry(2))


async def test_stream_refuses_entries_while_it_is_catching_up() -> None:
    source = FakeSource()
    stream = live_stream(source)
    transport = await start(stream)
    source.pending = ["read"]
    stream.wake()
    assert not stream.receive(entry(1))
    assert not stream.skip(1)
    await run_tasks()
    assert transport.written[1:] == ["read"]
    assert stream.receive(entry(1))


async def test_news_during_a_read_is_not_missed() -> None:
    source = FakeSource()
    stream = live_stream(source)
    transport = await start(stream)

    def meanwhile() -> None:
        assert not stream.receive(entry(1)) or transport.written[-1] == "(entry 1)"
        source.pending = ["meanwhile"]
        stream.wake()

    source.during_read = meanwhile
    stream.wake()
    await run_tasks()
    assert "meanwhile" in transport.written


async def test_wake_without_news_writes_nothing() -> None:
    stream = live_stream(FakeSource())
    transport = await start(stream)
    for _ in range(3):
        stream.wake()
        await run_tasks()
    assert transport.written == [""]


async def test_blocked_stream_reads_and_writes_nothing_until_resumed() -> None:
    source = FakeSource()
    stream = live_stream(source)
    transport = await start(stream)
    transport.capacity = 1
    assert stream.receive(entry(1))
    assert not stream.receive(entry(2))
    source.pending = ["two"]
    stream.wake()
    await run_tasks()
    assert (transport.written[1:], source.pending) == (["(entry 1)"], ["two"])
    transport.capacity = 9
    stream.resume()
    await run_tasks()
    assert transport.written[1:] == ["(entry 1)", "two"]


@pytest.mark.checklist(38)
async def test_reader_that_takes_nothing_for_too_long_is_cut_off() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = live_stream(source)
    transport = await start(stream)
    transport.capacity = 1
    stream.receive(entry(1))
    await context.pass_time(WRITE_S - 1)
    assert (transport.cut_calls, source.is_open) == (0, 1)
    await context.pass_time(1 + BLOCKED_CHECK_S)
    assert (transport.cut_calls, source.is_open, len(context.timer_wheel)) == (1, 0, 0)
    assert transport.written[1:] == ["(entry 1)"]


@pytest.mark.parametrize("is_asked_after_silence", [False, True])
async def test_idle_stream_repeats_a_heartbeat_of_one_cell(*, is_asked_after_silence: bool) -> None:
    context = FakeContext()
    source = FakeSource(context, is_asked_after_silence=is_asked_after_silence)
    transport = await start(live_stream(source))
    await context.pass_time(HEARTBEAT_S - 2 * SLOT_S)
    assert transport.written == [""]
    for count in (1, 2, 3):
        await context.pass_time(HEARTBEAT_S + LATE_S - (HEARTBEAT_S - 2 * SLOT_S) * (count == 1))
        assert transport.chunks[1:] == [HEARTBEAT.chunk] * count
    assert len(HEARTBEAT.chunk) == CELL_BYTES


async def test_source_that_is_asked_at_heartbeats_may_have_news() -> None:
    context = FakeContext()
    source = FakeSource(context, is_asked_after_silence=True)
    transport = await start(live_stream(source))
    source.pending = ["an offer"]
    await context.pass_time(HEARTBEAT_S + LATE_S)
    assert transport.written[1:] == ["an offer"]


async def test_heartbeat_is_due_from_the_last_chunk_not_from_a_wake() -> None:
    context = FakeContext()
    stream = live_stream(FakeSource(context))
    transport = await start(stream)
    await context.pass_time(20)
    assert stream.receive(entry(1))
    for _ in range(4):
        await context.pass_time(HEARTBEAT_S / 4 - SLOT_S)
        # An entry that is hidden from this reader wakes the stream, and is no heartbeat.
        stream.wake()
    assert transport.written[1:] == ["(entry 1)"]
    await context.pass_time(LATE_S + 4 * SLOT_S)
    assert transport.written[1:] == ["(entry 1)", "<i></i>"]


async def test_heartbeats_after_the_same_entry_are_spread() -> None:
    context = FakeContext()
    streams = [live_stream(FakeSource(context)) for _ in range(200)]
    transports = [await start(stream) for stream in streams]
    for stream in streams:
        stream.receive(entry(1))
    await context.pass_time(HEARTBEAT_S + LATE_S)
    written_per_slot = []
    for _ in range(round(2 * HEARTBEAT_S / SLOT_S)):
        before = sum(len(transport.chunks) for transport in transports)
        await context.pass_time(SLOT_S)
        written_per_slot.append(sum(len(transport.chunks) for transport in transports) - before)
    assert sum(written_per_slot) >= 200
    assert max(written_per_slot) < 50


@pytest.mark.checklist(50)
async def test_first_heartbeats_show_no_clock() -> None:
    context = FakeContext()
    transports = [await start(live_stream(FakeSource(context))) for _ in range(60)]
    await context.pass_time(HEARTBEAT_S - SLOT_S)
    first = dict[int, float]()
    for _ in range(round((LATE_S + 2 * SLOT_S) / SLOT_S)):
        await context.pass_time(SLOT_S)
        for at, transport in enumerate(transports):
            if len(transport.chunks) > 1:
                first.setdefault(at, context.clock())
    assert len(first) == len(transports)
    assert len(set(first.values())) > 12


def test_heartbeat_comes_before_the_dead_man_warning() -> None:
    assert HEARTBEAT_S + SPREAD_S < DEAD_MAN_S
    # Two heartbeats a minute at most stay under the budget of three cells for an idle minute.
    assert 60 / HEARTBEAT_S < 3


@pytest.mark.parametrize("end", list(StreamEnd))
async def test_ending_stream_writes_the_reason_and_finishes(end: StreamEnd) -> None:
    context = FakeContext()
    source = FakeSource(context)
    transport = await start(live_stream(source))
    source.end(end)
    assert transport.written[1:] == [f"(end {end.value})"]
    assert (transport.finish_calls, source.is_open, len(context.timer_wheel)) == (1, 0, 0)


@pytest.mark.parametrize("end", list(StreamEnd))
async def test_end_signalled_before_attach_is_written(end: StreamEnd) -> None:
    source = FakeSource()
    stream = live_stream(source, "<head>")
    await stream.open()
    source.end(end)
    transport = await attach_to(stream)
    assert transport.written == ["<head>", f"(end {end.value})"]
    assert (transport.finish_calls, source.is_open) == (1, 0)


async def attach_to(stream: LiveStream) -> FakeTransport:
    """Attach a transport to a stream that is open, and let the stream catch up."""
    transport = FakeTransport(stream)
    stream.attach(transport)
    await run_tasks()
    return transport


async def test_first_reason_to_end_is_kept_and_written_once() -> None:
    source = FakeSource()
    transport = await start(live_stream(source))
    subscription = source.subscription
    source.end(StreamEnd.MOVED)
    source.end(StreamEnd.STOPPED)
    assert subscription.end is StreamEnd.MOVED
    assert transport.written[1:] == ["(end moved)"]


async def test_finished_source_ends_the_stream_after_its_last_event() -> None:
    source = FakeSource()
    source.pending, source.finished = ["last"], True
    transport = await start(live_stream(source))
    assert (transport.written[1:], transport.finish_calls, source.is_open) == (["last"], 1, 0)


async def test_lost_connection_closes_the_stream() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = live_stream(source)
    transport = await start(stream)
    for _ in range(2):
        stream.lost()
    is_ended = stream.state is StreamState.ENDED
    assert (source.is_open, len(context.timer_wheel), is_ended) == (0, 0, True)
    stream.wake()
    assert not stream.receive(entry(1))
    await context.pass_time(2 * HEARTBEAT_S)
    assert transport.written == [""]


async def test_stream_that_is_lost_before_attach_is_closed() -> None:
    source = FakeSource()
    stream = live_stream(source)
    await stream.open()
    stream.lost()
    assert source.is_open == 0


async def test_stream_refused_by_a_full_server_ends_with_a_farewell() -> None:
    source = FakeSource()
    source.is_full = True
    transport = await start(live_stream(source, "<head>"))
    assert (transport.written, transport.finish_calls) == (["<head>", "(end stopped)"], 1)


@pytest.mark.checklist(10)
async def test_exception_in_a_read_is_counted_and_ends_the_stream() -> None:
    context = FakeContext()
    source = FakeSource(context)
    source.is_broken = True
    transport = await start(live_stream(source, "<head>"))
    assert (transport.written, transport.finish_calls) == (["<head>", "<i></i>"], 1)
    assert context.failures == {"KeyError": 1}
    assert source.is_open == 0


@pytest.mark.checklist(10)
async def test_exception_in_rendering_is_contained_by_the_stream() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = live_stream(source)
    transport = await start(stream)
    source.is_broken = True
    stream.receive(entry(1))
    assert (transport.written, transport.finish_calls, source.is_open) == (["", "<i></i>"], 1, 0)
    assert context.failures == {"KeyError": 1}


@pytest.mark.parametrize("end", [*GONE, StreamEnd.MOVED])
async def test_blocked_stream_that_must_end_drops_unsent_data(end: StreamEnd) -> None:
    source = FakeSource()
    stream = live_stream(source)
    transport = await start(stream)
    transport.capacity = 1
    stream.receive(entry(1))
    source.end(end)
    assert (transport.cut_calls, transport.finish_calls, source.is_open) == (1, 0, 0)
    assert source.forget_calls


@pytest.mark.parametrize("end", GONE)
async def test_gone_reader_is_sent_nothing_of_the_page_being_read(end: StreamEnd) -> None:
    source = FakeSource()
    stream = live_stream(source)
    transport = await start(stream)
    source.pending = ["words"]
    source.during_read = lambda: source.end(end)
    stream.wake()
    await run_tasks()
    assert transport.written[1:] == [f"(end {end.value})"]


async def test_notice_follows_the_news_and_is_written_once() -> None:
    source = FakeSource()
    transport = await start(live_stream(source))
    source.pending = ["words"]
    source.notify(LifetimeNotice.OWN_LIMIT)
    await run_tasks()
    assert transport.written[1:] == ["words", f"(notice {LifetimeNotice.OWN_LIMIT})"]
    source.subscription.subscriber.wake()
    await run_tasks()
    assert len(transport.written) == 3


async def test_stream_counts_the_bytes_that_it_sends() -> None:
    source = FakeSource()
    stream = live_stream(source, "<head>")
    await start(stream)
    stream.receive(entry(1))
    assert source.subscription.sent_bytes == len(frame(b"<head>")) + CELL_BYTES


async def test_stream_shows_earlier_and_new_messages() -> None:
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


async def test_stream_shows_own_messages_and_all_since_joining() -> None:
    pair = await make_server().pair()
    await pair.first.send("mine")
    async with pair.first.browser.watch(f"{pair.first.path}/live") as stream:
        events = [await stream.event() for _ in range(2)]
    assert ".n1{" in stream.head
    assert ".n2{" not in stream.head
    assert 'class="m n1 n c1"' in events[1]


async def test_after_parameter_is_exclusive() -> None:
    pair = await make_server().pair()
    for text in ("one", "two"):
        await pair.first.send(text)
    async with pair.second.browser.watch(f"{pair.second.path}/live?after=2") as stream:
        event = await stream.event()
    assert ">two<" in event
    assert "data-seq=3" in event


@pytest.mark.parametrize("after", ["3", "-1", "x", "", "1.0", "0x1", "+1", "9999999999", "%D9%A1"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_invalid_after_parameter_is_400(after: str, method: str) -> None:
    server = make_server()
    pair = await server.pair()
    path = f"{pair.first.path}/live?after={after}"
    assert (await pair.first.browser.request(method, path)).status == 400
    assert not server.services.failures


@pytest.mark.slow  # fills a whole ring through the composer
async def test_stream_reports_how_many_entries_the_ring_dropped() -> None:
    server = make_server()
    pair = await server.pair()
    for number in range(RING_MESSAGES + 1):
        server.clock.advance(2)
        await pair.first.send(f"{number}")
    async with pair.second.browser.watch(f"{pair.second.path}/live?after=0") as stream:
        assert "1 older line is forgotten." in await stream.event()
        assert "data-seq=1 " in await stream.event()
        assert "data-seq=3>" in await stream.event()


async def test_leaving_ends_the_own_stream_and_is_shown_to_others() -> None:
    pair = await make_server().pair()
    async with (
        pair.first.browser.watch(f"{pair.first.path}/live?after=1") as own,
        pair.second.browser.watch(f"{pair.second.path}/live?after=1") as others,
    ):
        await pair.first.press("leave")
        assert "data-event=left" in await others.event()
        assert "url=/over" in await own.event()
    over = await pair.first.browser.get("/over")
    assert "You have left this conversation." in over.page.text
    assert "/wait" in over.page.links.values()


async def test_newer_stream_redirects_the_older_one_to_moved() -> None:
    pair = await make_server().pair()
    path = f"{pair.first.path}/live?after=1"
    async with pair.first.browser.watch(path) as older, pair.first.browser.watch(path) as newer:
        assert f"url={pair.first.path}/moved" in await older.event()
        await pair.second.send("goes on")
        assert ">goes on<" in await newer.event()


async def test_stream_of_the_waiting_page_counts_as_the_one_stream() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?after=1") as older:
        await press_intent(pair.first.browser, "talk")
        assert "over" in await older.event()
        async with pair.first.browser.watch("/wait/live"):
            assert (await server.store.counts()).streams == 1


async def test_closing_server_ends_streams_with_a_farewell() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?after=1") as stream:
        await server.store.close()
        assert "This conversation is over" in await stream.event()
    reply = await pair.first.browser.request("GET", f"{pair.first.path}/live")
    assert reply.status == 503


async def test_full_server_refuses_a_newcomer_and_no_stream_of_a_member() -> None:
    server = make_server(Capacity(streams=2))
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?after=1"):
        refused = await press_intent(server.browser(), "talk")
        assert refused.status == 503
        async with pair.second.browser.watch(f"{pair.second.path}/live?after=1"):
            pass
        async with pair.first.browser.watch(f"{pair.first.path}/live?after=1") as newer:
            await pair.second.send("still delivered")
            assert ">still delivered<" in await newer.event()


async def test_forgotten_session_ends_its_stream() -> None:
    server = make_server()
    pair = await server.pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?after=1") as stream:
        server.clock.advance(12 * 60 * 60 + 1)
        await server.store.sweep()
        assert "over" in await stream.event()


async def test_stream_response_has_charset_and_refresh_headers() -> None:
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
