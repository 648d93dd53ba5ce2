"""The bars of the design, each with what was measured and the yardstick of the same run.

A ratio stands as it came: nothing is measured again until it is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.core.limits import HEARTBEAT_S
from tests.process.test_budget import FIRST_WAY_BYTES, FIRST_WAY_REQUESTS, POST_BYTES

from .arrivals import BAR_US, Arrivals
from .cells import STEADY, STEADY_TICKS
from .chatters import Chatters
from .costs import Costs
from .crowds import Crowds
from .figures import Load
from .table import print_table
from .talk import Posts

DELIVERIES_RATIO = 0.5
P99_RATIO = 2.0
STREAM_KIB = 24
IDLE_PERCENT = 2
PAIRS_MS = 10
MINUTE_CELLS = 3
STREAMS = 10_000
STREAMS_MISSING = 100
"""The places for those who come while a room is measured are no streams yet."""

NOISE = 0.05
"""Share of the server's core that others may have had before it is told."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One of them."""

    figure: str
    bar: str
    measured: float
    held: bool
    yardstick: float | None = None

    @property
    def row(self) -> tuple[object, ...]:
        """As it is printed."""
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
    """Everything that bars are about."""

    costs: Costs
    arrivals: Arrivals
    posts: Posts
    crowds: Crowds
    chatters: Chatters
    cells: Mapping[str, int] | None
    """By event; `None` without a tor."""


def run(measured: Measured) -> None:
    """Print the table, and what stands against it."""
    bars = [
        *crowd_bars(measured.crowds),
        *pair_bars(measured.chatters),
        *line_bars(measured.costs),
        *cell_bars(measured.cells or {}),
        *arrival_bars(measured.arrivals),
    ]
    print_table(
        "The bars",
        ("", "bar", "measured", "yardstick", "ratio", ""),
        [bar.row for bar in bars],
    )
    posts = measured.posts
    print(f"  posts a second, without a bar: {posts.server:,.0f}; bare Hypercorn {posts.bare:,.0f}")
    if measured.cells is None:
        print("  no cells were counted: see above")
    for line in told_of(measured):
        print(f"  {line}")


def crowd_bars(crowds: Crowds) -> list[Bar]:
    """Of one room of five thousand, and of all streams."""
    large, bare = crowds.large, crowds.bare
    per_s, bare_per_s = 1e6 / large.us, 1e6 / bare.us
    kib, p99 = max(large.kib, large.kib_after), large.to_all.p99_ms
    idle, streams = 100 * crowds.idle_after, crowds.both.streams if crowds.both else 0
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
            f"<= {P99_RATIO:.0f} bare",
            p99,
            p99 <= P99_RATIO * bare.to_all.p99_ms,
            bare.to_all.p99_ms,
        ),
        Bar("idle after a message, % of a core", f"<= {IDLE_PERCENT}", idle, idle <= IDLE_PERCENT),
        Bar(
            "streams in one process",
            f"about {STREAMS:,}",
            streams,
            streams >= STREAMS - STREAMS_MISSING,
        ),
    ]


def pair_bars(chatters: Chatters) -> list[Bar]:
    """Of the most people in pairs."""
    p99, bare = chatters.server[-1].to_partner.p99_ms, chatters.bare[-1].to_partner.p99_ms
    return [Bar("5,000 people in pairs, p99 ms", f"<= {PAIRS_MS}", p99, p99 <= PAIRS_MS, bare)]


def line_bars(costs: Costs) -> list[Bar]:
    """Of what comes down the line."""
    return [
        Bar(name, f"<= {most:,}", measured, measured <= most)
        for name, most, measured in (
            ("bytes from the door into a chat", FIRST_WAY_BYTES, costs.first_way),
            ("requests from the door into a chat", FIRST_WAY_REQUESTS, costs.requests),
            ("bytes of a post, with its new composer", POST_BYTES, costs.post),
        )
    ]


def cell_bars(cells: Mapping[str, int]) -> list[Bar]:
    """Of events on a real circuit; of a long message there is no bar."""
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


def arrival_bars(arrivals: Arrivals) -> list[Bar]:
    """Of the matchmaker, with the most people waiting."""
    us, growth = arrivals.longest_us, arrivals.growth
    return [
        Bar("one arrival, 100,000 waiting, p99 µs", f"< {BAR_US:,}", us, us < BAR_US),
        Bar("its growth, of a logarithm's", "<= 1", growth, growth <= 1),
    ]


def told_of(measured: Measured) -> list[str]:
    """What a reader of the table has to know of this run."""
    loads = {
        "the bare server of 5,000": measured.crowds.bare.fast,
        "the room of 5,000": measured.crowds.large.fast,
        "the pairs": measured.chatters.server[-1].load,
    }
    return [line for name, load in loads.items() for line in _told_of(name, load)]


def _told_of(name: str, load: Load) -> list[str]:
    told = []
    if load.was_driver_the_limit:
        told.append(f"{name}: the driver was the limit")
    if load.others > NOISE:
        told.append(f"{name}: others had {100 * load.others:.0f} % of the server's core")
    return told
