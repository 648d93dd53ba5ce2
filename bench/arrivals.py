"""What one arrival costs the matchmaker while N people wait.

The waiting all want to talk; each arrival wants to talk too (it stays), or to listen (it is
matched at once, and then somebody new waits in the place of the matched). So N stays N.
"""

from __future__ import annotations

import math
import time

from server.core.ids import Handle
from server.core.matchmaker import FOREVER, Matchmaker
from server.core.wish import Intent, Wish

from .table import print_table

SIZES = (100, 1_000, 10_000, 100_000)
ROUNDS = 2_000
BAR_US = 1_000
"""Design, section 10: under 1 ms per arrival."""


def run() -> None:
    """Measure and print."""
    rows, first = [], 0.0
    for waiting in SIZES:
        spent_us = _measure(waiting)
        first = first or spent_us
        growth = spent_us / first
        logarithmic = math.log(waiting) / math.log(SIZES[0])
        rows.append((f"{waiting:,}", spent_us, growth, logarithmic))
    print_table(
        f"One arrival (bar: under {BAR_US} µs; growth no worse than logarithmic)",
        ("people waiting", "µs", "growth", "log would be"),
        rows,
    )


def _measure(waiting: int) -> float:
    """Microseconds per arrival, the median of rounds of two: one matched, one waiting."""
    house = Matchmaker(max_tickets=waiting + 1)
    for number in range(waiting):
        house.arrive(_handle(number), Wish(Intent.TALK), 0, FOREVER)
    spent = []
    for number in range(waiting, waiting + 2 * ROUNDS, 2):
        began = time.perf_counter_ns()
        matched = house.arrive(_handle(number), Wish(Intent.LISTEN), 0, FOREVER)
        house.arrive(_handle(number + 1), Wish(Intent.TALK), 0, FOREVER)
        spent.append(time.perf_counter_ns() - began)
        assert matched is not None
        assert len(house) == waiting
    return sorted(spent)[len(spent) // 2] / 2 / 1_000


def _handle(number: int) -> Handle:
    return Handle(number.to_bytes(16, "big"))
