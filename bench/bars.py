"""The bars of the design, each with the measured figure and the yardstick of the same run.

Ratios are printed as measured: nothing is repeated until it passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.core.limits import HEARTBEAT_S
from tests.process.test_budget import (
    FIRST_CONVERSATION_BYTES,
    FIRST_CONVERSATION_REQUESTS,
    POST_BYTES,
)

from .arrivals import BARE_REQUESTS, Arrivals
from .cells import STEADY, STEADY_TICKS
from .chatters import Chatters
from .costs import Costs
from .figures import Load
from .large_rooms import LargeRooms
from .pages import RATIO, PageCost
from .table import print_table
from .talk import Posts
from .worst_text import FACTOR, Entrance

DELIVERIES_RATIO = 0.7
P99_RATIO = 1.8
POST_RATIO = 1.5
"""Of a post, to Quart with views that do nothing, with the server's request handling."""

STREAM_KIB = 5
IDLE_PERCENT = 2
IDLE_DELIVERIES_S = 400_000
"""Of the bare server on a core for which `IDLE_PERCENT` is meant; else in proportion."""

PAIRS_MS = 10
PAIRS_POSTS_S = 500
"""Posts that 5,000 people in pairs send, one each in ten seconds."""

PAIRS_BARE_RATIO = 3
"""The pairs have a bar if a bare Hypercorn has so many times their posts a second."""

MINUTE_CELLS = 3
STREAMS = 10_000
STREAMS_MISSING = 100
"""The places for members that join while a room is measured are no streams yet."""

NOISE = 0.05
"""Share of the server's core that other processes may have used before the table says so."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, and whether it was held."""

    figure: str
    bar: str
    measured: float
    held: bool
    yardstick: float | None = None

    @property
    def row(self) -> tuple[object, ...]:
        """The row that is printed."""
        has = self.yardstick is not None
        return (
            self.figure,
            self.bar,
            self.measured,
            self.yardstick if has else "",
            self.measured / self.yardstick if self.yardstick else "",
            "held" if self.held else "NOT HELD",
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures that have bars."""

    costs: Costs
    arrivals: Arrivals
    posts: Posts
    large_rooms: LargeRooms
    chatters: Chatters
    cells: Mapping[str, int] | None
    """By event; `None` without a tor."""

    pages: Sequence[PageCost]
    """Of the pages that anybody may ask for."""

    entrances: Sequence[Entrance] = ()
    """Each form with the worst text."""


def run(measured: Measured) -> None:
    """Print the table, and what limits its meaning."""
    bars = [
        *room_bars(measured.large_rooms),
        *pair_bars(measured.chatters, measured.posts.bare),
        *line_bars(measured.costs),
        *cell_bars(measured.cells or {}),
        *arrival_bars(measured.arrivals, 1e6 / (2 * measured.posts.bare)),
        *page_bars(measured.pages),
        *post_bars(measured.posts),
        *text_bars(measured.entrances),
    ]
    print_table(
        "The bars",
        ("", "bar", "measured", "yardstick", "ratio", ""),
        [bar.row for bar in bars],
    )
    if measured.cells is None:
        print("  no cells were counted: see above")
    for line in remarks(measured):
        print(f"  {line}")


def room_bars(rooms: LargeRooms) -> list[Bar]:
    """The bars of a room of five thousand, and of all streams."""
    large, bare = rooms.large, rooms.bare
    per_s, bare_per_s = 1e6 / large.us, 1e6 / bare.us
    kib, p99 = max(large.kib, large.kib_after), large.to_all.p99_ms
    idle, streams = 100 * rooms.idle_after, rooms.both.streams if rooms.both else 0
    most_idle = IDLE_PERCENT * max(1.0, IDLE_DELIVERIES_S / bare_per_s)
    return [
        Bar(
            "deliveries a second of a core, room of 5,000",
            f">= {DELIVERIES_RATIO} bare",
            round(per_s),
            per_s >= DELIVERIES_RATIO * bare_per_s,
            round(bare_per_s),
        ),
        Bar(
            "KiB for an open stream, of 5,000", f"<= {STREAM_KIB}", kib, kib <= STREAM_KIB, bare.kib
        ),
        Bar(
            "one message to 5,000, p99 ms",
            f"<= {P99_RATIO} bare",
            p99,
            p99 <= P99_RATIO * bare.to_all.p99_ms,
            bare.to_all.p99_ms,
        ),
        Bar("idle after a message, % of a core", f"<= {most_idle:.2f}", idle, idle <= most_idle),
        Bar(
            "streams in one process",
            f"about {STREAMS:,}",
            streams,
            streams >= STREAMS - STREAMS_MISSING,
        ),
    ]


def pair_bars(chatters: Chatters, bare_posts_s: float) -> list[Bar]:
    """The bar of the largest number of pairs; none on a core that is too slow for them."""
    p99, bare = chatters.server[-1].to_partner.p99_ms, chatters.bare[-1].to_partner.p99_ms
    if bare_posts_s < PAIRS_BARE_RATIO * PAIRS_POSTS_S:
        return []
    return [Bar("5,000 people in pairs, p99 ms", f"<= {PAIRS_MS}", p99, p99 <= PAIRS_MS, bare)]


def line_bars(costs: Costs) -> list[Bar]:
    """The bars of bytes and requests."""
    return [
        Bar(name, f"<= {most:,}", measured, measured <= most)
        for name, most, measured in (
            ("bytes from home into a chat", FIRST_CONVERSATION_BYTES, costs.first_way),
            ("requests from home into a chat", FIRST_CONVERSATION_REQUESTS, costs.requests),
            ("bytes of a post, with its new composer", POST_BYTES, costs.post),
        )
    ]


def cell_bars(cells: Mapping[str, int]) -> list[Bar]:
    """The bars of events on a real circuit; a long message has none."""
    bars = [
        Bar(f"{name}, cells", "1", found, found == 1)
        for name, found in cells.items()
        if "2,000" not in name and name != STEADY
    ]
    if STEADY in cells:
        # The window may begin or end between two ticks, and is counted by seconds.
        ticks = cells[STEADY]
        held = abs(ticks - STEADY_TICKS) <= 1
        bars.append(Bar(f"{STEADY}, cells", f"{STEADY_TICKS} ± 1", ticks, held))
    if "heartbeat" in cells:
        minute = cells["heartbeat"] * 60 / HEARTBEAT_S
        name = "an idle minute, cells"
        bars.append(Bar(name, f"<= {MINUTE_CELLS}", minute, minute <= MINUTE_CELLS))
    return bars


def arrival_bars(arrivals: Arrivals, bare_us: float) -> list[Bar]:
    """The bars of the matchmaker, with the longest queue; `bare_us` for a bare request."""
    us, steps_growth, us_growth = arrivals.longest_us, arrivals.steps_growth, arrivals.us_growth
    name, bar = "one arrival, 100,000 waiting, p99 µs", f"<= {BARE_REQUESTS} bare"
    return [
        Bar(name, bar, us, us <= BARE_REQUESTS * bare_us, bare_us),
        Bar("growth of its steps, of a logarithm's", "<= 1", steps_growth, steps_growth <= 1),
        Bar("growth of its mean time, of a logarithm's", "<= 1", us_growth, us_growth <= 1),
    ]


def page_bars(pages: Sequence[PageCost]) -> list[Bar]:
    """The bar of the dearest page without a session."""
    dearest = max(pages, key=lambda page: page.ratio)
    name, bar = f"{dearest.name}, the dearest without a session, ms", f"<= {RATIO} bare"
    return [Bar(name, bar, dearest.ms, dearest.ratio <= RATIO, dearest.bare_ms)]


def post_bars(posts: Posts) -> list[Bar]:
    """The bar of a post with its new composer."""
    us, quart_us = 1e6 / posts.server, 1e6 / posts.quart
    name, bar = "a post with its new composer, µs", f"<= {POST_RATIO} Quart alone"
    return [Bar(name, bar, us, us <= POST_RATIO * quart_us, quart_us)]


def text_bars(entrances: Sequence[Entrance]) -> list[Bar]:
    """The bar of the entrance at which the worst text costs the most."""
    if not entrances:
        return []
    worst = max(entrances, key=lambda entrance: entrance.factor)
    return [
        Bar(
            f"µs for a KiB of the worst text, {worst.route}",
            f"<= {FACTOR:.0f} ASCII",
            worst.worst.us_per_kib,
            worst.factor <= FACTOR,
            worst.ascii.us_per_kib,
        )
    ]


def remarks(measured: Measured) -> list[str]:
    """List what a reader of the table has to know about this run."""
    loads = {
        "the bare server of 5,000": measured.large_rooms.bare.busy,
        "the room of 5,000": measured.large_rooms.large.busy,
        "the pairs": measured.chatters.server[-1].load,
    }
    told = [line for name, load in loads.items() for line in _remarks(name, load)]
    if not pair_bars(measured.chatters, measured.posts.bare):
        told.append("the pairs: this core is too slow for a bar")
    return told


def _remarks(name: str, load: Load) -> list[str]:
    told = []
    if load.was_driver_the_limit:
        told.append(f"{name}: the driver was the limit")
    if load.others > NOISE:
        told.append(f"{name}: other processes had {100 * load.others:.0f} % of the server's core")
    return told
