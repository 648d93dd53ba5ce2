"""A constant-rate stream writes one cell at each tick, whatever is posted, and loses nothing."""

from __future__ import annotations

from itertools import groupby, pairwise
from urllib.parse import urlencode

import pytest

from server.core.cells import LAST_CHUNK, Event, frame, split_into_cells, unframe
from server.core.limits import (
    CELL_BYTES,
    CONSTANT_RATE_PERIODS_S,
    DEAD_MAN_S,
    MAX_EVENT_CELLS,
    MAX_MESSAGE_CHARS,
    WRITE_S,
)
from server.core.room.log import Kind
from server.core.room.message import OpenEntry
from server.core.session.lifetime import LifetimeNotice
from server.demo.document import read_document
from server.stream.broadcast import NewEntry
from server.stream.constant_rate import CLOSED_TAGS, ConstantRateStream, dead_man_s
from server.stream.period import KEPT_TICKS, RATE_SHARE, DrawnPeriod
from server.stream.source import HEARTBEAT
from server.stream.subscription import StreamEnd
from server.stream.timer_wheel import SLOT_S
from tests.fakes import ChatPair
from tests.web.appbrowser import AppBrowser, AppServer, Watch, make_server

from .fakes import FakeContext, FakeSource, FakeTransport, entry, run_tasks, start

EVERY_S = 2


def make_stream(
    source: FakeSource, context: FakeContext, head: str = "<head>"
) -> ConstantRateStream:
    return ConstantRateStream(head, source, context, EVERY_S)


async def wait_for_cells(context: FakeContext, transport: FakeTransport, count: int) -> list[float]:
    """Let time pass until `count` more chunks are written; return the moment of each."""
    written_s: list[float] = []
    for _ in range(round((count + 1) * (1 + RATE_SHARE) * EVERY_S / SLOT_S)):
        before = len(transport.chunks)
        await context.pass_time(SLOT_S)
        written_s += [context.clock()] * (len(transport.chunks) - before)
        if len(written_s) >= count:
            break
    assert len(written_s) == count
    return written_s


async def test_each_tick_writes_one_cell_with_or_without_events() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    transport = await start(stream)
    idle = await wait_for_cells(context, transport, 5)
    for seq in (1, 2, 3):
        if not stream.receive(entry(seq)):
            stream.wake()
    source.pending = ["two", "x" * 3_000]
    busy = await wait_for_cells(context, transport, 20)
    for one, other in pairwise([*idle, *busy]):
        assert other - one == pytest.approx(EVERY_S, abs=RATE_SHARE * EVERY_S + 1.5 * SLOT_S)
    assert {len(chunk) for chunk in transport.chunks[2:]} == {CELL_BYTES}
    html = b"".join(unframe(chunk) for chunk in transport.chunks[2:]).replace(b" ", b"")
    assert html.replace(b"<i></i>", b"") == b"(entry1)two" + b"x" * 3_000


@pytest.mark.parametrize("count", [0, 2, 40, 300])
async def test_opening_has_all_earlier_events_and_a_size_class(count: int) -> None:
    context = FakeContext()
    source = FakeSource(context)
    earlier = [f"(event {number})" for number in range(count)]
    source.pending = list(earlier)
    transport = await start(make_stream(source, context), more_turns=count)
    assert [html for html in transport.written if html] == ["<head>", *earlier]
    cells, rest = divmod(sum(map(len, transport.chunks)), CELL_BYTES)
    assert (rest, cells.bit_count()) == (0, 1)
    opened = len(transport.chunks)
    await wait_for_cells(context, transport, 3)
    assert transport.chunks[opened:] == [HEARTBEAT.chunk] * 3


async def test_opening_is_read_no_faster_than_the_transport_takes_it() -> None:
    context = FakeContext()
    source = FakeSource(context)
    source.pending = [f"(event {number})" for number in range(50)]
    stream = make_stream(source, context)
    transport = FakeTransport(stream)
    transport.capacity = 1
    await stream.open()
    stream.attach(transport)
    await run_tasks()
    assert (transport.written, source.reads) == (["<head>"], 0)
    transport.capacity = 3
    stream.resume()
    await run_tasks()
    assert source.reads == 1
    await context.pass_time(WRITE_S - 10)
    assert transport.cut_calls == 0
    # The transport took something: its timeout starts anew.
    transport.capacity = 3
    stream.resume()
    await run_tasks()
    await context.pass_time(WRITE_S - 10)
    assert (transport.cut_calls, source.reads) == (0, 2)
    await context.pass_time(20)
    assert (transport.cut_calls, source.is_open) == (1, 0)


@pytest.mark.parametrize("end", list(StreamEnd))
async def test_end_signalled_before_attach_is_written(end: StreamEnd) -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    await stream.open()
    source.end(end)
    transport = FakeTransport(stream)
    stream.attach(transport)
    assert transport.written[-1] == f"(end {end.value})"
    assert (transport.finish_calls, source.is_open, len(context.timer_wheel)) == (1, 0, 0)
    cells, rest = divmod(sum(map(len, transport.chunks[:-1])), CELL_BYTES)
    assert (rest, cells.bit_count()) == (0, 1)


async def test_streams_opened_together_tick_at_different_times() -> None:
    context = FakeContext()
    transports = [await start(make_stream(FakeSource(context), context)) for _ in range(60)]
    first = await first_ticks_s(context, transports)
    assert len(set(first)) > 15
    assert max(first) - min(first) <= EVERY_S + 2 * SLOT_S


@pytest.mark.checklist(50)
async def test_period_of_each_stream_is_its_own_and_changes() -> None:
    """Of what a reader could time, nothing repeats: neither a period, nor two streams alike."""
    periods = [DrawnPeriod(EVERY_S) for _ in range(30)]
    drawn = [[period.next_s() for _ in range(400)] for period in periods]
    for steps in drawn:
        assert all(abs(step_s - EVERY_S) <= RATE_SHARE * EVERY_S for step_s in steps)
        kept = [len(list(group)) for _, group in groupby(steps)]
        assert all(ticks in KEPT_TICKS for ticks in kept[:-1])
        assert len(kept) > 400 / KEPT_TICKS.stop
    assert len({steps[0] for steps in drawn}) > 25
    # Neither faster nor slower than what was chosen.
    assert sum(map(sum, drawn)) / (30 * 400) == pytest.approx(EVERY_S, rel=RATE_SHARE / 4)


@pytest.mark.checklist(50)
async def test_cells_of_two_streams_drift_apart() -> None:
    context = FakeContext()
    moments = []
    for _ in range(8):
        transport = await start(make_stream(FakeSource(context), context))
        written_s = await wait_for_cells(context, transport, 60)
        moments.append(written_s[-1] - written_s[0])
    assert len(set(moments)) > 4
    assert all(abs(took_s / (59 * EVERY_S) - 1) <= 1.1 * RATE_SHARE for took_s in moments)


async def first_ticks_s(context: FakeContext, transports: list[FakeTransport]) -> list[float]:
    """Let a period pass; return when each transport got its first cell after the opening."""
    written_s: dict[int, float] = {}
    for _ in range(round(EVERY_S / SLOT_S) + 2):
        await context.pass_time(SLOT_S)
        for at, transport in enumerate(transports):
            if len(transport.chunks) > 2:
                written_s.setdefault(at, context.clock())
    return [written_s[at] for at in range(len(transports))]


async def test_nothing_more_is_read_while_cells_are_left() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    await start(stream)
    source.pending = ["x" * 3_000, "next"]
    stream.wake()
    await run_tasks()
    reads = source.reads
    assert not stream.receive(entry(1))
    stream.wake()
    await run_tasks()
    assert (source.reads, source.pending) == (reads, ["next"])


@pytest.mark.parametrize("end", [StreamEnd.MOVED, StreamEnd.FORGOTTEN])
async def test_moved_or_forgotten_stream_ends_at_a_tick_in_one_cell(end: StreamEnd) -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    transport = await start(stream)
    await wait_for_cells(context, transport, 2)
    source.pending = ["x" * 3_000]
    stream.wake()
    await run_tasks()
    before = len(transport.chunks)
    source.end(end)
    source.end(end)
    assert (len(transport.chunks), transport.finish_calls) == (before, 0)
    assert not stream.receive(entry(1))
    await wait_for_cells(context, transport, 1)
    assert transport.written[before:] == [f"(end {end.value})"]
    # The end of the body is in the same cell.
    assert (len(transport.closing), transport.finish_calls) == (CELL_BYTES, 1)
    assert (source.is_open, len(context.timer_wheel)) == (0, 0)


@pytest.mark.parametrize("end", [StreamEnd.STOPPED, StreamEnd.PANIC])
async def test_panic_and_shutdown_do_not_wait_for_a_tick(end: StreamEnd) -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    transport = await start(stream)
    source.pending = ["x" * 3_000]
    stream.wake()
    await run_tasks()
    source.end(end)
    assert (transport.written[-1], transport.finish_calls) == (f"(end {end.value})", 1)


@pytest.mark.parametrize("end", [StreamEnd.FORGOTTEN, StreamEnd.MOVED, StreamEnd.PANIC])
async def test_blocked_stream_that_must_end_is_cut(end: StreamEnd) -> None:
    context = FakeContext()
    source = FakeSource(context)
    transport = await start(make_stream(source, context))
    transport.capacity = 1
    await wait_for_cells(context, transport, 1)
    source.end(end)
    assert (transport.cut_calls, source.is_open) == (1, 0)


async def test_finished_source_writes_its_last_event_at_a_tick() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    transport = await start(stream)
    source.pending, source.finished = ["over"], True
    stream.wake()
    await run_tasks()
    assert transport.finish_calls == 0
    await wait_for_cells(context, transport, 1)
    assert (transport.written[-1], transport.finish_calls, source.is_open) == ("over", 1, 0)


@pytest.mark.checklist(10)
async def test_exception_ends_the_stream_at_a_tick_not_at_once() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    transport = await start(stream)
    before = len(transport.chunks)
    source.is_broken = True
    stream.receive(entry(1))
    await run_tasks()
    assert (len(transport.chunks), context.failures) == (before, {"KeyError": 1})
    await wait_for_cells(context, transport, 1)
    assert (transport.written[before:], transport.finish_calls) == (["<i></i>"], 1)
    assert len(transport.closing) == CELL_BYTES


async def test_message_deleted_while_being_written_is_cut_off() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    transport = await start(stream)
    stream._send(Event("<p><span>" + "x" * 3_000 + "</span></p>", seq=7))
    stream._send(Event("<p>after</p>", seq=8))
    await wait_for_cells(context, transport, 2)
    assert transport.written[-1].strip("x") == ""
    stream.receive(NewEntry(OpenEntry(9, Kind.DELETED, 1, about=7), {1: "Somebody"}))
    await wait_for_cells(context, transport, 3)
    assert transport.written[-3:] == [CLOSED_TAGS.html.decode(), "<p>after</p>", "<i></i>"]


async def test_notice_is_written_before_events_not_read_yet() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    transport = await start(stream)
    source.pending = ["one", "two", "three"]
    stream.wake()
    await run_tasks()
    source.notify(LifetimeNotice.STILL_THERE)
    await wait_for_cells(context, transport, 3)
    assert transport.written[-3:] == ["one", f"(notice {LifetimeNotice.STILL_THERE})", "two"]


async def test_blocked_stream_skips_its_ticks_and_is_cut_at_last() -> None:
    context = FakeContext()
    source = FakeSource(context)
    transport = await start(make_stream(source, context))
    transport.capacity = 1
    await context.pass_time(10 * EVERY_S)
    assert len(transport.chunks) == 3
    await context.pass_time(WRITE_S)
    assert (transport.cut_calls, source.is_open, len(context.timer_wheel)) == (1, 0, 0)


async def test_resumed_stream_continues_at_its_ticks() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    transport = await start(stream)
    transport.capacity = 1
    await context.pass_time(3 * EVERY_S)
    transport.capacity = 99
    stream.resume()
    assert len(transport.chunks) == 3
    assert len(await wait_for_cells(context, transport, 3)) == 3
    assert transport.chunks[-1] == HEARTBEAT.chunk


async def test_lost_stream_drops_its_unwritten_cells() -> None:
    context = FakeContext()
    source = FakeSource(context)
    stream = make_stream(source, context)
    await start(stream)
    source.pending = ["x" * 3_000]
    stream.wake()
    await run_tasks()
    stream.lost()
    assert not stream._cells
    assert (source.is_open, len(context.timer_wheel)) == (0, 0)


@pytest.mark.checklist(10)
async def test_exception_in_the_opening_is_counted_and_ends_the_page() -> None:
    context = FakeContext()
    source = FakeSource(context)
    source.is_broken = True
    transport = await start(make_stream(source, context))
    assert context.failures == {"KeyError": 1}
    assert source.is_open == 0
    assert transport.finish_calls


async def server_with_pair() -> tuple[AppServer, ChatPair[AppBrowser]]:
    server = make_server()
    return server, await server.pair()


async def test_address_sets_the_period_of_a_steady_view() -> None:
    _, pair = await server_with_pair()
    await pair.first.send("before")
    async with pair.second.browser.watch(f"{pair.second.path}/live?steady=2") as stream:
        assert "Steady: one cell about every 2 seconds" in stream.head
        assert ">before<" in await read_opening(stream)


@pytest.mark.parametrize("period", ["1", "3", "11", "-2", "x", "", "2.0", "%D9%A2"])
async def test_invalid_period_in_the_address_is_400(period: str) -> None:
    server, pair = await server_with_pair()
    path = f"{pair.first.path}/live?steady={period}"
    assert (await pair.first.browser.request("GET", path)).status == 400
    assert not server.services.failures


async def test_address_can_turn_off_the_sessions_steady_setting() -> None:
    _, pair = await server_with_pair()
    browser = pair.first.browser
    await browser.submit((await browser.get("/mine")).page.form("/mine/steady"), steady="10")
    async with browser.watch(f"{pair.first.path}/live?steady=0&after=1") as stream:
        assert "Steady" not in stream.head
        await pair.second.send("at once")
        assert ">at once<" in await stream.event()


async def test_reconnecting_reader_gets_each_message_exactly_once() -> None:
    server, pair = await server_with_pair()
    path = f"{pair.first.path}/live?steady=2"
    async with pair.first.browser.watch(path):
        await pair.second.send("while it is cut into cells")
    await pair.second.send("while nobody reads")
    async with pair.first.browser.watch(path) as stream:
        opening = await read_opening(stream)
        for text in ("while it is cut into cells", "while nobody reads"):
            assert opening.count(text) == 1
        await pair.second.send("and then")
        html = await read_cells(server, stream, 2)
    assert html.count("and then") == 1


async def read_opening(stream: Watch) -> str:
    """Read the opening: the head, the earlier events, and padding up to a size class of cells."""
    html, size = stream.head, len(frame(stream.head.encode()))
    while size % CELL_BYTES:
        event = await stream.event()
        html, size = html + event.rstrip(), size + len(frame(event.encode()))
    assert (size // CELL_BYTES).bit_count() == 1
    return html


async def read_cells(server: AppServer, stream: Watch, count: int, every_s: int = EVERY_S) -> str:
    """Let `count` ticks pass, and return the text of their cells."""
    html = ""
    for _ in range(count):
        await run_tasks()
        server.clock.advance((1 + RATE_SHARE) * every_s + 2 * SLOT_S)
        server.services.timer_wheel.turn()
        event = await stream.event()
        # The last cell of a body also holds the end of the body.
        is_last = "http-equiv" in event
        assert len(frame(event.encode())) == CELL_BYTES - len(LAST_CHUNK) * is_last
        html += event.rstrip()
    return html


async def test_longest_event_has_fewer_cells_than_the_maximum() -> None:
    server = make_server()
    pair = await server.pair()
    await pair.first.send("&" * MAX_MESSAGE_CHARS)
    async with pair.second.browser.watch(f"{pair.second.path}/live") as stream:
        for _ in range(2):
            event = await stream.event()
    long = list(split_into_cells(event.rstrip().encode()))
    assert MAX_EVENT_CELLS - 3 <= len(long) < MAX_EVENT_CELLS


@pytest.mark.parametrize("every_s", CONSTANT_RATE_PERIODS_S)
async def test_dead_man_banner_waits_longer_than_the_longest_event(every_s: int) -> None:
    _, pair = await server_with_pair()
    async with pair.first.browser.watch(f"{pair.first.path}/live?steady={every_s}") as stream:
        assert f"animation-delay:{dead_man_s(every_s)}s" in stream.head
    # And a few ticks more, for a connection that stalls.
    assert dead_man_s(every_s) > every_s * (MAX_EVENT_CELLS + 5)
    assert dead_man_s(0) == DEAD_MAN_S


def test_longest_period_is_shorter_than_the_write_timeout() -> None:
    # A connection that stalls for one tick of ten seconds must not count as dead.
    assert max(CONSTANT_RATE_PERIODS_S) < WRITE_S


async def test_every_link_back_to_a_steady_view_keeps_its_period() -> None:
    server, pair = await server_with_pair()
    chat, browser = pair.first.path, pair.first.browser
    page = (await browser.get(f"{chat}?steady=5")).page
    assert page.links["Reconnect"] == page.frames["l"] == f"{chat}/live?steady=5"
    assert "Steady: one cell about every 5 seconds" in page.text
    moved = (await browser.get(f"{chat}/moved?steady=5")).page
    assert moved.links["Read here instead"] == f"{chat}/live?steady=5"
    async with browser.watch(f"{chat}/live?steady=5") as older:
        await read_opening(older)
        async with browser.watch(f"{chat}/live?steady=5") as newer:
            await read_opening(newer)
            assert f"url={chat}/moved?steady=5" in await read_cells(server, older, 1, every_s=5)
            server.clock.advance(30 * 60)
            await server.store.sweep()
            question = await read_cells(server, newer, 2, every_s=5)
    assert "<input type=hidden name=steady value=5>" in question
    here = read_document(question).form("/here")
    reply = await browser.request("POST", here.action, urlencode(here.fields).encode())
    assert reply.headers["location"] == f"{chat}/live?after=1&steady=5"
