"""What overwriting freed memory costs: in posts a second of a core, and per delivery.

Two servers run at once on one core and get requests by turns: one as it is, one that does not
overwrite. What counts is the processor time of each.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from pathlib import Path

from .children import servers_of, spent_s
from .sealing import compare, rows_of
from .table import print_table
from .talk import PAIRS, POSTS_EACH, composer, meet, speak

ROUNDS = 9
RATE_BAR = 0.85
"""The least rate of posts, where a server without overwriting reaches 1."""

BAR = 1 / RATE_BAR
"""The same for the time of one post."""

SERVERS = ("bench.unpaced_server", "bench.unwiped_server")


def run() -> None:
    """Measure and print."""
    rounds = _posts_a_second()
    with_it, without = (statistics.median(of_one) for of_one in zip(*rounds, strict=True))
    # Ratios within a round: other load of the machine hits both servers alike.
    ratio = statistics.median(with_it / without for with_it, without in rounds)
    print_table(
        f"Overwriting freed memory: {PAIRS} pairs post at once, each post with its new composer; "
        f"median of {ROUNDS} rounds",
        ("", "with it", "without", "ratio", "bar"),
        [
            ("posts/s of a core", with_it, without, ratio, RATE_BAR),
            ("µs a post", 1e6 / with_it, 1e6 / without, 1 / ratio, BAR),
        ],
    )
    these, those = compare(*SERVERS)
    print_table(
        "Overwriting freed memory: one at a time",
        ("", "with it, µs", "without, µs", "ratio", "bar"),
        rows_of(these, those, (BAR, BAR, BAR)),
    )


def _posts_a_second() -> list[list[float]]:
    """The rate of each server, in each round."""
    with servers_of(*SERVERS) as servers:
        return asyncio.run(_in_turns(servers))


async def _in_turns(servers: Sequence[tuple[int, Path]]) -> list[list[float]]:
    return [[await _load(*server) for server in servers] for _ in range(ROUNDS)]


async def _load(pid: int, socket: Path) -> float:
    """Posts per second of processor time of the server."""
    pairs = [await meet(socket) for _ in range(PAIRS)]
    for _, reader in pairs:
        # A visitor who is matched and does not come counts as gone after a minute.
        await composer(reader)
    began_s = spent_s(pid)
    await asyncio.gather(*(speak(writer, POSTS_EACH) for writer, _ in pairs))
    spent = spent_s(pid) - began_s
    for pair in pairs:
        for chatter in pair:
            chatter.line.close()
    return PAIRS * POSTS_EACH / spent
