"""What it costs that freed memory is overwritten: in posts a second of a core, and per delivery.

Two houses run at once, on one core, and are asked in turns: one as it is, one that leaves what it
frees as it is. What counts is the time that each of them has had of the core.
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
"""How many posts a second there must be at least, where a house without it makes 1."""

BAR = 1 / RATE_BAR
"""The same for what each takes."""

SERVERS = ("server", "bench.unwiped_server")


def run() -> None:
    """Measure and print."""
    rounds = _posts_a_second()
    with_it, without = (statistics.median(of_one) for of_one in zip(*rounds, strict=True))
    # Of each round: whatever else the machine did then, it did to both.
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
    """Of each house, in each round."""
    with servers_of(*SERVERS) as servers:
        return asyncio.run(_in_turns(servers))


async def _in_turns(servers: Sequence[tuple[int, Path]]) -> list[list[float]]:
    return [[await _load(*server) for server in servers] for _ in range(ROUNDS)]


async def _load(pid: int, socket: Path) -> float:
    """Posts per second of the core that the house had for them."""
    pairs = [await meet(socket) for _ in range(PAIRS)]
    for _, reader in pairs:
        # Who is found and does not come is taken for gone after a minute.
        await composer(reader)
    began_s = spent_s(pid)
    await asyncio.gather(*(speak(writer, POSTS_EACH) for writer, _ in pairs))
    spent = spent_s(pid) - began_s
    for pair in pairs:
        for chatter in pair:
            chatter.line.close()
    return PAIRS * POSTS_EACH / spent
