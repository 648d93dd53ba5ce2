"""A bar is held at exactly its limit, and not held beyond it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.arrivals import Arrivals
from bench.bars import (
    Bar,
    Measured,
    arrival_bars,
    cell_bars,
    line_bars,
    page_bars,
    pair_bars,
    post_bars,
    remarks,
    room_bars,
    text_bars,
)
from bench.cells import STEADY, STEADY_TICKS
from bench.chatters import Chatters
from bench.costs import Costs
from bench.figures import End, Load, Pairs, Spread
from bench.large_rooms import LargeRooms
from bench.pages import PageCost
from bench.talk import Posts
from bench.worst_text import Entrance, Spent

from .test_figures import LOAD, make_figures

ROOMS = LargeRooms(
    bare_small=make_figures(1_000),
    bare=make_figures(us=2.5, p99_ms=20.0),
    small=make_figures(1_000),
    large=replace(make_figures(us=3.5, p99_ms=36.0), kib=5.0, kib_after=5.0),
    both=make_figures(9_960),
    idle_before=0.5,
    idle_after=0.02,
)


def not_held(bars: list[Bar]) -> list[str]:
    return [bar.figure.split()[0] for bar in bars if not bar.held]


def pairs(p99_ms: float, load: Load = LOAD) -> Pairs:
    return Pairs(5_000, Spread(1.0, p99_ms), load)


def test_room_exactly_at_its_bars_holds_them_all() -> None:
    assert not_held(room_bars(ROOMS)) == []


@pytest.mark.parametrize(
    ("worse", "word"),
    [
        (replace(ROOMS, large=replace(ROOMS.large, us=3.6)), "deliveries"),
        (replace(ROOMS, large=replace(ROOMS.large, to_all=Spread(8.0, 36.1))), "one"),
        (replace(ROOMS, large=replace(ROOMS.large, kib=5.1)), "KiB"),
        (replace(ROOMS, large=replace(ROOMS.large, kib_after=5.1)), "KiB"),
        (replace(ROOMS, idle_after=0.021), "idle"),
        (replace(ROOMS, both=None), "streams"),
    ],
)
def test_slightly_worse_room_breaks_only_that_bar(worse: LargeRooms, word: str) -> None:
    assert not_held(room_bars(worse)) == [word]


def test_slower_core_may_be_less_idle() -> None:
    slow = replace(ROOMS, bare=make_figures(us=5.0, p99_ms=20.0), idle_after=0.04)
    assert not_held(room_bars(slow)) == []
    assert not_held(room_bars(replace(slow, idle_after=0.041))) == ["idle"]


def test_pairs_are_measured_at_their_largest_number() -> None:
    end = End(5_000, 1.0, 1.0, 5_000)
    chatters = Chatters([pairs(1), pairs(3)], [pairs(99), pairs(10)], end)
    assert not_held(pair_bars(chatters, 1_500.0)) == []
    assert pair_bars(chatters, 1_500.0)[0].yardstick == 3
    slower = replace(chatters, server=[pairs(1), pairs(10.1)])
    assert not_held(pair_bars(slower, 1_500.0)) == ["5,000"]
    assert pair_bars(slower, 1_499.0) == []


def test_bytes_and_requests_have_bars() -> None:
    assert not_held(line_bars(Costs(9_000, 7, 1_500))) == []
    assert not_held(line_bars(Costs(9_001, 8, 1_501))) == ["bytes", "requests", "bytes"]


def test_each_event_but_a_long_message_is_one_cell() -> None:
    assert not_held(cell_bars({"join": 1, "message of 2,000 characters": 8, "heartbeat": 1})) == []
    assert not_held(cell_bars({"join": 2, "heartbeat": 2})) == ["join,", "heartbeat,", "an"]
    assert cell_bars({}) == []
    assert not_held(cell_bars({STEADY: STEADY_TICKS + 1})) == []
    assert not_held(cell_bars({STEADY: STEADY_TICKS + 2})) == ["steady,"]


def test_matching_has_bars_for_its_time_and_growth() -> None:
    assert not_held(arrival_bars(Arrivals(400.0, 1.0, 1.0), 100.0)) == []
    assert not_held(arrival_bars(Arrivals(401.0, 1.0, 1.0), 100.0)) == ["one"]
    assert not_held(arrival_bars(Arrivals(400.0, 1.1, 1.0), 100.0)) == ["growth"]
    assert not_held(arrival_bars(Arrivals(400.0, 1.0, 1.1), 100.0)) == ["growth"]


def test_worst_text_has_a_bar_at_its_worst_entrance() -> None:
    plain, slow = Spent("", 10_240, 0.001), Spent("marks", 10_240, 0.004)
    fine = Entrance("POST /invite", plain, slow, slow)
    assert not_held(text_bars([fine])) == []
    assert text_bars([]) == []
    slower = replace(fine, route="POST /pair", worst=replace(slow, seconds=0.0041))
    assert not_held(text_bars([fine, slower])) == ["µs"]
    assert "POST /pair" in text_bars([fine, slower])[0].figure


def test_dearest_page_and_a_post_have_bars() -> None:
    pages = [PageCost("cheap", 1, 2.0, 2.0, 1.0), PageCost("dear", 1, 1.5, 1.0, 1.5)]
    assert not_held(page_bars(pages)) == []
    assert not_held(page_bars([*pages, PageCost("dearer", 1, 1.6, 1.0, 1.6)])) == ["dearer,"]
    assert not_held(post_bars(Posts(1_000.0, 1_500.0, 1.0, 1.0))) == []
    assert not_held(post_bars(Posts(1_000.0, 1_501.0, 1.0, 1.0))) == ["a"]


def test_row_has_the_ratio_where_there_is_a_yardstick() -> None:
    assert Bar("a", "b", 3.0, False, 2.0).row == ("a", "b", 3.0, 2.0, 1.5, "NOT HELD")
    assert Bar("a", "b", 3.0, True).row == ("a", "b", 3.0, "", "", "held")


def test_remarks_name_a_full_driver_and_a_shared_core() -> None:
    shared = Load(server=0.5, driver=0.9, others=0.3)
    chatters = Chatters([pairs(1)], [pairs(2, shared)], End(1, 1.0, 1.0, 1))
    costs, arrivals, posts = Costs(1, 1, 1), Arrivals(1.0, 1.0, 1.0), Posts(1.0, 1.0, 1.0, 1.0)
    measured = Measured(costs, arrivals, posts, ROOMS, chatters, None, [])
    driver, others, slow = remarks(measured)
    assert driver == "the pairs: the driver was the limit"
    assert others == "the pairs: other processes had 30 % of the server's core"
    assert slow == "the pairs: this core is too slow for a bar"
