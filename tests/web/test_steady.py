"""A steady stream is one cell at each tick, whatever is said; and nothing is lost by that."""

from __future__ import annotations

from itertools import pairwise

import pytest

from server.core.cells import cut_to_cells, frame, unframe
from server.core.limits import (
    CELL_BYTES,
    DEAD_MAN_S,
    MAX_MESSAGE_CHARS,
    MOST_EVENT_CELLS,
    STEADY_S,
    WRITE_S,
)
from server.store.base_streams import StreamEnd
from server.web.feed import BEAT
from server.web.pulse import SLOT_S
from server.web.steady import SteadyLive, dead_man_s
from tests.fakes import ChatPair

from .appbrowser import AppBrowser, AppHouse, Watch, make_house
from .speaking import FakeFeed, FakeHouse, FakeOutlet, entry, speak, turns

EVERY_S = 2


def steady(feed: FakeFeed, house: FakeHouse, head: str = "<head>") -> SteadyLive:
    return SteadyLive(head, feed, house, EVERY_S)


async def ticks(house: FakeHouse, outlet: FakeOutlet, count: int) -> list[float]:
    """Let so many ticks pass; when each cell came."""
    came: list[float] = []
    for _ in range(round(count * EVERY_S / SLOT_S)):
        before = len(outlet.chunks)
        await house.pass_time(SLOT_S)
        came += [house.clock()] * (len(outlet.chunks) - before)
    return came


async def test_each_tick_is_one_cell_whether_anything_is_said_or_not() -> None:
    feed, house = FakeFeed(), FakeHouse()
    live = steady(feed, house)
    outlet = await speak(live)
    quiet = await ticks(house, outlet, 5)
    for seq in (1, 2, 3):
        if not live.hear(entry(seq)):
            live.wake()
    feed.waiting = ["two", "x" * 3_000]
    loud = await ticks(house, outlet, 20)
    assert (len(quiet), len(loud)) == (5, 20)
    for one, other in pairwise([*quiet, *loud]):
        assert other - one == pytest.approx(EVERY_S, abs=1.5 * SLOT_S)
    assert {len(chunk) for chunk in outlet.chunks[1:]} == {CELL_BYTES}
    said = b"".join(unframe(chunk) for chunk in outlet.chunks[1:]).replace(b" ", b"")
    assert said.replace(b"<i></i>", b"") == b"(heard1)two" + b"x" * 3_000


async def test_what_was_said_before_comes_with_the_page_which_is_whole_cells() -> None:
    feed, house = FakeFeed(), FakeHouse()
    feed.waiting = ["one", "two"]
    outlet = await speak(steady(feed, house))
    assert len(outlet.chunks) == 1
    assert unframe(outlet.chunks[0]).rstrip() == b"<head>onetwo"
    assert len(outlet.chunks[0]) == CELL_BYTES


async def test_streams_that_are_opened_together_tick_apart() -> None:
    house = FakeHouse()
    outlets = [await speak(steady(FakeFeed(), house)) for _ in range(60)]
    first = [(await ticks_of(house, outlets))[at] for at in range(60)]
    assert len(set(first)) > 15
    assert max(first) - min(first) <= EVERY_S + 2 * SLOT_S


async def ticks_of(house: FakeHouse, outlets: list[FakeOutlet]) -> list[float]:
    """When each of them said something for the first time after its page; asked once."""
    if not hasattr(house, "came"):
        came: dict[int, float] = {}
        for _ in range(round(EVERY_S / SLOT_S) + 2):
            await house.pass_time(SLOT_S)
            for at, outlet in enumerate(outlets):
                if len(outlet.chunks) > 1:
                    came.setdefault(at, house.clock())
        house.came = [came[at] for at in range(len(outlets))]  # type: ignore[attr-defined]
    return house.came  # type: ignore[attr-defined,no-any-return]


async def test_while_something_is_being_said_nothing_more_is_opened_or_kept() -> None:
    feed, house = FakeFeed(), FakeHouse()
    live = steady(feed, house)
    await speak(live)
    feed.waiting = ["x" * 3_000, "next"]
    live.wake()
    await turns()
    reads = feed.reads
    assert not live.hear(entry(1))
    live.wake()
    await turns()
    assert (feed.reads, feed.waiting) == (reads, ["next"])


@pytest.mark.parametrize("end", [StreamEnd.MOVED, StreamEnd.FORGOTTEN, StreamEnd.PANIC])
async def test_leaving_ends_it_at_a_tick_with_one_cell(end: StreamEnd) -> None:
    feed, house = FakeFeed(), FakeHouse()
    live = steady(feed, house)
    outlet = await speak(live)
    await ticks(house, outlet, 2)
    feed.waiting = ["x" * 3_000]
    live.wake()
    await turns()
    before = len(outlet.chunks)
    assert feed.stream is not None
    feed.stream.finish(end)
    feed.stream.finish(end)
    assert (len(outlet.chunks), outlet.finished) == (before, 0)
    assert not live.hear(entry(1))
    await ticks(house, outlet, 1)
    assert outlet.said[before:] == [f"(end {end.value})"]
    assert (len(outlet.chunks[-1]), outlet.finished) == (CELL_BYTES, 1)
    assert (feed.open_streams, len(house.pulse)) == (0, 0)


async def test_house_that_closes_does_not_wait_for_a_tick() -> None:
    feed, house = FakeFeed(), FakeHouse()
    outlet = await speak(steady(feed, house))
    assert feed.stream is not None
    feed.stream.finish(StreamEnd.STOPPED)
    assert (outlet.said[-1], outlet.finished) == ("(end stopped)", 1)


async def test_line_that_takes_nothing_is_not_piled_on_and_then_hung_up_on() -> None:
    feed, house = FakeFeed(), FakeHouse()
    outlet = await speak(steady(feed, house))
    outlet.places = 1
    await ticks(house, outlet, 10)
    assert len(outlet.chunks) == 2
    await house.pass_time(WRITE_S)
    assert (outlet.cuts, feed.open_streams, len(house.pulse)) == (1, 0, 0)


async def test_line_that_takes_more_again_goes_on_at_its_ticks() -> None:
    feed, house = FakeFeed(), FakeHouse()
    live = steady(feed, house)
    outlet = await speak(live)
    outlet.places = 1
    await ticks(house, outlet, 3)
    outlet.places = 99
    live.resume()
    assert len(outlet.chunks) == 2
    assert len(await ticks(house, outlet, 3)) == 3
    assert outlet.chunks[-1] == BEAT.chunk


async def test_lost_stream_drops_what_it_was_saying() -> None:
    feed, house = FakeFeed(), FakeHouse()
    live = steady(feed, house)
    await speak(live)
    feed.waiting = ["x" * 3_000]
    live.wake()
    await turns()
    live.lost()
    assert not live._pieces
    assert (feed.open_streams, len(house.pulse)) == (0, 0)


@pytest.mark.checklist(10)
async def test_bug_while_it_opens_is_counted_and_ends_the_page() -> None:
    feed, house = FakeFeed(), FakeHouse()
    feed.is_broken = True
    outlet = await speak(steady(feed, house))
    assert house.failures == {"KeyError": 1}
    assert feed.open_streams == 0
    assert outlet.finished


async def steady_house() -> tuple[AppHouse, ChatPair[AppBrowser]]:
    house = make_house()
    return house, await house.pair()


async def test_address_says_how_steady_a_view_is() -> None:
    _, pair = await steady_house()
    await pair.first.say("before")
    async with pair.second.browser.watch(f"{pair.second.chat}/live?steady=2") as stream:
        assert "Steady: one cell every 2 seconds" in stream.head
        # What stands there already comes with the page.
        assert ">before<" in stream.head
    size = len(frame(stream.head.encode()))
    assert (size // CELL_BYTES).bit_count() == 1
    assert size % CELL_BYTES == 0


@pytest.mark.parametrize("steady", ["1", "3", "11", "-2", "x", "", "2.0", "%D9%A2"])
async def test_address_that_says_something_else_is_400(steady: str) -> None:
    house, pair = await steady_house()
    path = f"{pair.first.chat}/live?steady={steady}"
    assert (await pair.first.browser.request("GET", path)).status == 400
    assert not house.services.failures


async def test_address_can_switch_off_what_the_session_has_chosen() -> None:
    _, pair = await steady_house()
    browser = pair.first.browser
    await browser.submit((await browser.get("/mine")).page.form("/mine/steady"), steady="10")
    async with browser.watch(f"{pair.first.chat}/live?steady=0&after=1") as stream:
        assert "Steady" not in stream.head
        await pair.second.say("at once")
        assert ">at once<" in await stream.event()


async def test_reader_who_reconnects_misses_nothing_and_sees_nothing_twice() -> None:
    house, pair = await steady_house()
    path = f"{pair.first.chat}/live?steady=2"
    async with pair.first.browser.watch(path):
        await pair.second.say("while it is cut into cells")
    await pair.second.say("while nobody reads")
    async with pair.first.browser.watch(path) as stream:
        for said in ("while it is cut into cells", "while nobody reads"):
            assert stream.head.count(said) == 1
        await pair.second.say("and then")
        said = await cells(house, stream, 2)
    assert said.count("and then") == 1


async def cells(house: AppHouse, stream: Watch, count: int) -> str:
    """Let so many ticks pass, and read their cells."""
    said = ""
    for _ in range(count):
        house.clock.advance(EVERY_S + 2 * SLOT_S)
        house.services.pulse.turn()
        piece = await stream.event()
        assert len(frame(piece.encode())) == CELL_BYTES
        said += piece.rstrip()
    return said


async def test_longest_event_is_no_longer_than_the_banner_waits() -> None:
    house = make_house()
    pair = await house.pair()
    await pair.first.say("&" * MAX_MESSAGE_CHARS)
    async with pair.second.browser.watch(f"{pair.second.chat}/live") as stream:
        for _ in range(2):
            event = await stream.event()
    long = list(cut_to_cells(event.rstrip().encode()))
    assert MOST_EVENT_CELLS - 3 <= len(long) < MOST_EVENT_CELLS


@pytest.mark.parametrize("every_s", STEADY_S)
async def test_banner_waits_for_the_longest_event_and_the_page_says_how_long(every_s: int) -> None:
    _, pair = await steady_house()
    async with pair.first.browser.watch(f"{pair.first.chat}/live?steady={every_s}") as stream:
        assert f"animation-delay:{dead_man_s(every_s)}s" in stream.head
    assert dead_man_s(every_s) >= every_s * MOST_EVENT_CELLS
    assert dead_man_s(0) == DEAD_MAN_S


def test_most_wait_no_longer_than_the_server_keeps_a_line_that_takes_nothing() -> None:
    # Ten seconds between two cells and a line that stalls for one of them is no dead line.
    assert max(STEADY_S) < WRITE_S
