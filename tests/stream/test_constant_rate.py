"""A steady stream is one cell at each tick, whatever is said; and nothing is lost by that."""

from __future__ import annotations

from itertools import pairwise
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
from server.stream.source import HEARTBEAT
from server.stream.subscription import StreamEnd
from server.stream.timer_wheel import SLOT_S
from tests.fakes import ChatPair
from tests.web.appbrowser import AppBrowser, AppServer, Watch, make_server

from .fakes import FakeContext, FakeSource, FakeTransport, entry, start, turns

EVERY_S = 2


def steady(feed: FakeSource, server: FakeContext, head: str = "<head>") -> ConstantRateStream:
    return ConstantRateStream(head, feed, server, EVERY_S)


async def ticks(server: FakeContext, transport: FakeTransport, count: int) -> list[float]:
    """Let time pass until so many cells came; when each of them did."""
    came: list[float] = []
    for _ in range(round((count + 1) * EVERY_S / SLOT_S)):
        before = len(transport.chunks)
        await server.pass_time(SLOT_S)
        came += [server.clock()] * (len(transport.chunks) - before)
        if len(came) >= count:
            break
    assert len(came) == count
    return came


async def test_each_tick_is_one_cell_whether_anything_is_said_or_not() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    transport = await start(live)
    quiet = await ticks(server, transport, 5)
    for seq in (1, 2, 3):
        if not live.receive(entry(seq)):
            live.wake()
    feed.waiting = ["two", "x" * 3_000]
    loud = await ticks(server, transport, 20)
    for one, other in pairwise([*quiet, *loud]):
        assert other - one == pytest.approx(EVERY_S, abs=1.5 * SLOT_S)
    assert {len(chunk) for chunk in transport.chunks[2:]} == {CELL_BYTES}
    said = b"".join(unframe(chunk) for chunk in transport.chunks[2:]).replace(b" ", b"")
    assert said.replace(b"<i></i>", b"") == b"(entry1)two" + b"x" * 3_000


@pytest.mark.parametrize("lines", [0, 2, 40, 300])
async def test_what_was_said_before_comes_with_the_page_in_a_class_of_cells(lines: int) -> None:
    server = FakeContext()
    feed = FakeSource(server)
    before = [f"(line {number})" for number in range(lines)]
    feed.waiting = list(before)
    transport = await start(steady(feed, server), more_turns=lines)
    assert [said for said in transport.written if said] == ["<head>", *before]
    cells, rest = divmod(sum(map(len, transport.chunks)), CELL_BYTES)
    assert (rest, cells.bit_count()) == (0, 1)
    opened = len(transport.chunks)
    await ticks(server, transport, 3)
    assert transport.chunks[opened:] == [HEARTBEAT.chunk] * 3


async def test_what_was_said_before_is_read_as_fast_as_the_line_takes_it_and_no_faster() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    feed.waiting = [f"(line {number})" for number in range(50)]
    live = steady(feed, server)
    transport = FakeTransport(live)
    transport.places = 1
    await live.open()
    live.attach(transport)
    await turns()
    assert (transport.written, feed.reads) == (["<head>"], 0)
    transport.places = 3
    live.resume()
    await turns()
    assert feed.reads == 1
    await server.pass_time(WRITE_S - 10)
    assert transport.cuts == 0
    # Something was taken: its time begins anew.
    transport.places = 3
    live.resume()
    await turns()
    await server.pass_time(WRITE_S - 10)
    assert (transport.cuts, feed.reads) == (0, 2)
    await server.pass_time(20)
    assert (transport.cuts, feed.is_open) == (1, 0)


@pytest.mark.parametrize("end", list(StreamEnd))
async def test_end_between_opening_and_speaking_is_said(end: StreamEnd) -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    await live.open()
    feed.end(end)
    transport = FakeTransport(live)
    live.attach(transport)
    assert transport.written[-1] == f"(end {end.value})"
    assert (transport.finished, feed.is_open, len(server.timer_wheel)) == (1, 0, 0)
    cells, rest = divmod(sum(map(len, transport.chunks[:-1])), CELL_BYTES)
    assert (rest, cells.bit_count()) == (0, 1)


async def test_streams_that_are_opened_together_tick_apart() -> None:
    server = FakeContext()
    transports = [await start(steady(FakeSource(server), server)) for _ in range(60)]
    first = [(await ticks_of(server, transports))[at] for at in range(60)]
    assert len(set(first)) > 15
    assert max(first) - min(first) <= EVERY_S + 2 * SLOT_S


async def ticks_of(server: FakeContext, transports: list[FakeTransport]) -> list[float]:
    """When each of them said something for the first time after its page; asked once."""
    if not hasattr(server, "came"):
        came: dict[int, float] = {}
        for _ in range(round(EVERY_S / SLOT_S) + 2):
            await server.pass_time(SLOT_S)
            for at, transport in enumerate(transports):
                if len(transport.chunks) > 2:
                    came.setdefault(at, server.clock())
        server.came = [came[at] for at in range(len(transports))]  # type: ignore[attr-defined]
    return server.came  # type: ignore[attr-defined,no-any-return]


async def test_while_something_is_being_said_nothing_more_is_opened_or_kept() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    await start(live)
    feed.waiting = ["x" * 3_000, "next"]
    live.wake()
    await turns()
    reads = feed.reads
    assert not live.receive(entry(1))
    live.wake()
    await turns()
    assert (feed.reads, feed.waiting) == (reads, ["next"])


@pytest.mark.parametrize("end", [StreamEnd.MOVED, StreamEnd.FORGOTTEN])
async def test_leaving_ends_it_at_a_tick_with_one_cell(end: StreamEnd) -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    transport = await start(live)
    await ticks(server, transport, 2)
    feed.waiting = ["x" * 3_000]
    live.wake()
    await turns()
    before = len(transport.chunks)
    feed.end(end)
    feed.end(end)
    assert (len(transport.chunks), transport.finished) == (before, 0)
    assert not live.receive(entry(1))
    await ticks(server, transport, 1)
    assert transport.written[before:] == [f"(end {end.value})"]
    # The end of the body is in the same cell.
    assert (len(transport.closing), transport.finished) == (CELL_BYTES, 1)
    assert (feed.is_open, len(server.timer_wheel)) == (0, 0)


@pytest.mark.parametrize("end", [StreamEnd.STOPPED, StreamEnd.PANIC])
async def test_panic_and_a_server_that_closes_wait_for_no_tick(end: StreamEnd) -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    transport = await start(live)
    feed.waiting = ["x" * 3_000]
    live.wake()
    await turns()
    feed.end(end)
    assert (transport.written[-1], transport.finished) == (f"(end {end.value})", 1)


@pytest.mark.parametrize("end", [StreamEnd.FORGOTTEN, StreamEnd.MOVED, StreamEnd.PANIC])
async def test_line_that_takes_nothing_is_cut_with_what_lies_there_when_its_reader_is_gone(
    end: StreamEnd,
) -> None:
    server = FakeContext()
    feed = FakeSource(server)
    transport = await start(steady(feed, server))
    transport.places = 1
    await ticks(server, transport, 1)
    feed.end(end)
    assert (transport.cuts, feed.is_open) == (1, 0)


async def test_feed_that_is_finished_says_its_last_at_a_tick() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    transport = await start(live)
    feed.waiting, feed.finished = ["over"], True
    live.wake()
    await turns()
    assert transport.finished == 0
    await ticks(server, transport, 1)
    assert (transport.written[-1], transport.finished, feed.is_open) == ("over", 1, 0)


@pytest.mark.checklist(10)
async def test_bug_ends_it_at_a_tick_and_not_at_the_moment_at_which_something_was_said() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    transport = await start(live)
    before = len(transport.chunks)
    feed.is_broken = True
    live.receive(entry(1))
    await turns()
    assert (len(transport.chunks), server.failures) == (before, {"KeyError": 1})
    await ticks(server, transport, 1)
    assert (transport.written[before:], transport.finished) == (["<i></i>"], 1)
    assert len(transport.closing) == CELL_BYTES


async def test_what_is_taken_back_while_it_is_being_said_is_said_no_further() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    transport = await start(live)
    live._send(Event("<p><span>" + "x" * 3_000 + "</span></p>", seq=7))
    live._send(Event("<p>after</p>", seq=8))
    await ticks(server, transport, 2)
    assert transport.written[-1].strip("x") == ""
    live.receive(NewEntry(OpenEntry(9, Kind.DELETED, 1, about=7), {1: "Somebody"}))
    await ticks(server, transport, 3)
    assert transport.written[-3:] == [CLOSED_TAGS.html.decode(), "<p>after</p>", "<i></i>"]


async def test_notice_comes_before_what_is_still_to_be_read() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    transport = await start(live)
    feed.waiting = ["one", "two", "three"]
    live.wake()
    await turns()
    feed.notify(LifetimeNotice.STILL_THERE)
    await ticks(server, transport, 3)
    assert transport.written[-3:] == ["one", f"(notice {LifetimeNotice.STILL_THERE})", "two"]


async def test_line_that_takes_nothing_is_not_piled_on_and_then_hung_up_on() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    transport = await start(steady(feed, server))
    transport.places = 1
    await server.pass_time(10 * EVERY_S)
    assert len(transport.chunks) == 3
    await server.pass_time(WRITE_S)
    assert (transport.cuts, feed.is_open, len(server.timer_wheel)) == (1, 0, 0)


async def test_line_that_takes_more_again_goes_on_at_its_ticks() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    transport = await start(live)
    transport.places = 1
    await server.pass_time(3 * EVERY_S)
    transport.places = 99
    live.resume()
    assert len(transport.chunks) == 3
    assert len(await ticks(server, transport, 3)) == 3
    assert transport.chunks[-1] == HEARTBEAT.chunk


async def test_lost_stream_drops_what_it_was_saying() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    live = steady(feed, server)
    await start(live)
    feed.waiting = ["x" * 3_000]
    live.wake()
    await turns()
    live.lost()
    assert not live._cells
    assert (feed.is_open, len(server.timer_wheel)) == (0, 0)


@pytest.mark.checklist(10)
async def test_bug_while_it_opens_is_counted_and_ends_the_page() -> None:
    server = FakeContext()
    feed = FakeSource(server)
    feed.is_broken = True
    transport = await start(steady(feed, server))
    assert server.failures == {"KeyError": 1}
    assert feed.is_open == 0
    assert transport.finished


async def steady_server() -> tuple[AppServer, ChatPair[AppBrowser]]:
    server = make_server()
    return server, await server.pair()


async def test_address_says_how_steady_a_view_is() -> None:
    _, pair = await steady_server()
    await pair.first.send("before")
    async with pair.second.browser.watch(f"{pair.second.path}/live?steady=2") as stream:
        assert "Steady: one cell every 2 seconds" in stream.head
        assert ">before<" in await opening_of(stream)


@pytest.mark.parametrize("steady", ["1", "3", "11", "-2", "x", "", "2.0", "%D9%A2"])
async def test_address_that_says_something_else_is_400(steady: str) -> None:
    server, pair = await steady_server()
    path = f"{pair.first.path}/live?steady={steady}"
    assert (await pair.first.browser.request("GET", path)).status == 400
    assert not server.services.failures


async def test_address_can_switch_off_what_the_session_has_chosen() -> None:
    _, pair = await steady_server()
    browser = pair.first.browser
    await browser.submit((await browser.get("/mine")).page.form("/mine/steady"), steady="10")
    async with browser.watch(f"{pair.first.path}/live?steady=0&after=1") as stream:
        assert "Steady" not in stream.head
        await pair.second.send("at once")
        assert ">at once<" in await stream.event()


async def test_reader_who_reconnects_misses_nothing_and_sees_nothing_twice() -> None:
    server, pair = await steady_server()
    path = f"{pair.first.path}/live?steady=2"
    async with pair.first.browser.watch(path):
        await pair.second.send("while it is cut into cells")
    await pair.second.send("while nobody reads")
    async with pair.first.browser.watch(path) as stream:
        opening = await opening_of(stream)
        for said in ("while it is cut into cells", "while nobody reads"):
            assert opening.count(said) == 1
        await pair.second.send("and then")
        said = await cells(server, stream, 2)
    assert said.count("and then") == 1


async def opening_of(stream: Watch) -> str:
    """What stands there already: up to the padding, which is all that has nothing in it."""
    said, size = stream.head, len(frame(stream.head.encode()))
    while size % CELL_BYTES:
        piece = await stream.event()
        said, size = said + piece.rstrip(), size + len(frame(piece.encode()))
    assert (size // CELL_BYTES).bit_count() == 1
    return said


async def cells(server: AppServer, stream: Watch, count: int, every_s: int = EVERY_S) -> str:
    """Let so many ticks pass, and read their cells."""
    said = ""
    for _ in range(count):
        await turns()
        server.clock.advance(every_s + 2 * SLOT_S)
        server.services.timer_wheel.turn()
        piece = await stream.event()
        # The last of a body has the end of it in the same cell.
        is_last = "http-equiv" in piece
        assert len(frame(piece.encode())) == CELL_BYTES - len(LAST_CHUNK) * is_last
        said += piece.rstrip()
    return said


async def test_longest_event_is_no_longer_than_the_banner_waits() -> None:
    server = make_server()
    pair = await server.pair()
    await pair.first.send("&" * MAX_MESSAGE_CHARS)
    async with pair.second.browser.watch(f"{pair.second.path}/live") as stream:
        for _ in range(2):
            event = await stream.event()
    long = list(split_into_cells(event.rstrip().encode()))
    assert MAX_EVENT_CELLS - 3 <= len(long) < MAX_EVENT_CELLS


@pytest.mark.parametrize("every_s", CONSTANT_RATE_PERIODS_S)
async def test_banner_waits_for_the_longest_event_and_the_page_says_how_long(every_s: int) -> None:
    _, pair = await steady_server()
    async with pair.first.browser.watch(f"{pair.first.path}/live?steady={every_s}") as stream:
        assert f"animation-delay:{dead_man_s(every_s)}s" in stream.head
    # And a few ticks more, for a line that stalls.
    assert dead_man_s(every_s) > every_s * (MAX_EVENT_CELLS + 5)
    assert dead_man_s(0) == DEAD_MAN_S


def test_most_wait_no_longer_than_the_server_keeps_a_line_that_takes_nothing() -> None:
    # Ten seconds between two cells and a line that stalls for one of them is no dead line.
    assert max(CONSTANT_RATE_PERIODS_S) < WRITE_S


async def test_address_of_a_steady_view_is_kept_on_every_way_back_to_it() -> None:
    server, pair = await steady_server()
    chat, browser = pair.first.path, pair.first.browser
    page = (await browser.get(f"{chat}?steady=5")).page
    assert page.links["Reconnect"] == page.frames["l"] == f"{chat}/live?steady=5"
    assert "Steady: one cell every 5 seconds" in page.text
    moved = (await browser.get(f"{chat}/moved?steady=5")).page
    assert moved.links["Read here instead"] == f"{chat}/live?steady=5"
    async with browser.watch(f"{chat}/live?steady=5") as older:
        await opening_of(older)
        async with browser.watch(f"{chat}/live?steady=5") as newer:
            await opening_of(newer)
            assert f"url={chat}/moved?steady=5" in await cells(server, older, 1, every_s=5)
            server.clock.advance(30 * 60)
            await server.store.sweep()
            asked = await cells(server, newer, 2, every_s=5)
    assert "<input type=hidden name=steady value=5>" in asked
    here = read_document(asked).form("/here")
    reply = await browser.request("POST", here.action, urlencode(here.fields).encode())
    assert reply.headers["location"] == f"{chat}/live?after=1&steady=5"
