"""Rooms of a thousand and of five thousand, and ten thousand streams; beside the bare server.

The server has one core, the driver the other. One person comes in each second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .children import two_cores
from .driven import ROOM_MEMBERS, driven, most_streams
from .driver.crowd import SPARE
from .figures import Crowd, crowd_of
from .table import print_table

SMALL = 1_000
LARGE = ROOM_MEMBERS - SPARE

Named = tuple[str, Crowd]


@dataclass(frozen=True, slots=True)
class Crowds:
    """What was measured."""

    bare_small: Crowd
    bare: Crowd
    small: Crowd
    large: Crowd
    both: Crowd | None
    """Two rooms; `None` if no process may open so many files."""

    idle_before: float
    idle_after: float
    """Shares of a core."""


def run() -> Crowds:
    """Measure and print."""
    streams = most_streams()
    with two_cores() as core:
        bare_small, bare = (_alone(core, "bare", people) for people in (SMALL, LARGE))
        small = _alone(core, "house", SMALL)
        steps = [f"fill=a,{LARGE}", "idle", "measure", "idle"]
        if streams >= LARGE + ROOM_MEMBERS:
            steps += [f"fill=b,{ROOM_MEMBERS}", "measure"]
        with driven(core, "house", *steps) as told:
            before, large, after, *rest = told
    both = crowd_of(rest[0]) if rest else None
    crowds = Crowds(bare_small, bare, small, crowd_of(large), both, before, after)
    _print(crowds, streams)
    return crowds


def _alone(core: int | None, way: str, people: int) -> Crowd:
    with driven(core, way, f"fill=a,{people}", "measure") as told:
        (measured,) = told
    return crowd_of(measured)


def _print(crowds: Crowds, streams: int) -> None:
    measured = [
        ("bare", crowds.bare_small),
        ("the house", crowds.small),
        ("bare", crowds.bare),
        ("the house", crowds.large),
    ]
    if crowds.both is not None:
        measured.append(("two rooms", crowds.both))
    else:
        print(f"\nTen thousand streams were left out: a process may open {streams:,}.")
    _print_deliveries(measured)
    _print_loads(measured)
    print_table(
        f"Idle, {crowds.large.streams:,} streams with their heartbeats, in percent of a core",
        ("", "%"),
        [
            ("before the first message", 100 * crowds.idle_before),
            ("after the last", 100 * crowds.idle_after),
        ],
    )


def _print_deliveries(measured: Sequence[Named]) -> None:
    print_table(
        "One message to all in a room; somebody comes in each second",
        ("", "streams", "p50 ms", "p99 ms", "µs each", "a second", "KiB each", "later", "open s"),
        [
            (
                name,
                crowd.streams,
                crowd.to_all.p50_ms,
                crowd.to_all.p99_ms,
                crowd.us,
                round(crowd.deliveries_per_s),
                crowd.kib,
                crowd.kib_after,
                crowd.open_s,
            )
            for name, crowd in measured
        ],
    )
    print("  µs of the server's core for one delivery; memory before anything was said, and later")


def _print_loads(measured: Sequence[Named]) -> None:
    print_table(
        "Who was busy in it, in percent of a core",
        ("", "streams", "server", "driver", "others on the server's", ""),
        [
            (
                name,
                crowd.streams,
                100 * crowd.fast.server,
                100 * crowd.fast.driver,
                100 * crowd.fast.others,
                "the driver was the limit" if crowd.fast.was_driver_the_limit else "",
            )
            for name, crowd in measured
        ],
    )
