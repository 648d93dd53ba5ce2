"""A thousand and five thousand members in pairs, who post one message each in ten seconds."""

from __future__ import annotations

from dataclasses import dataclass

from .children import two_cores
from .drive import drive
from .figures import End, Pairs, pairs_of
from .table import print_table

SIZES = (1_000, 5_000)


@dataclass(frozen=True, slots=True)
class Chatters:
    """What was measured, by size."""

    bare: list[Pairs]
    server: list[Pairs]
    end: End


def run() -> Chatters:
    """Measure and print."""
    steps = [step for size in SIZES for step in (f"meet={size}", "talk")]
    with two_cores() as core:
        with drive(core, "bare", *steps) as told:
            bare = [pairs_of(measured) for measured in told]
        with drive(core, "server", *steps, "end") as told:
            *pairs, end = told
    chatters = Chatters(bare, [pairs_of(measured) for measured in pairs], End(**end))
    _print(chatters)
    return chatters


def _print(chatters: Chatters) -> None:
    rows = [
        row
        for bare, server in zip(chatters.bare, chatters.server, strict=True)
        for row in (("bare", bare), ("the server", server))
    ]
    print_table(
        "A post in a pair, from sending it to its last byte on the partner's stream",
        ("", "chatters", "p50 ms", "p99 ms", "server %", "driver %", "others on the server's core"),
        [
            (
                name,
                pairs.chatters,
                pairs.to_partner.p50_ms,
                pairs.to_partner.p99_ms,
                100 * pairs.load.server,
                100 * pairs.load.driver,
                100 * pairs.load.others,
            )
            for name, pairs in rows
        ],
    )
    end = chatters.end
    print_table(
        f"SIGTERM with {end.streams:,} streams",
        ("", "seconds"),
        [("until the last stream is closed", end.closed_s), ("until it has ended", end.ended_s)],
    )
    print(f"  {end.whole:,} of them ended whole, with their last chunk")
