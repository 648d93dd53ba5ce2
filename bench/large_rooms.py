"""Rooms of a thousand and of five thousand members, and ten thousand streams; with a yardstick.

The server has one core, the driver the other. One member joins each second. The yardstick is the
bare server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .children import two_cores
from .drive import ROOM_MEMBERS, drive, most_streams
from .driver.rooms import SPARE
from .figures import RoomFigures, room_figures
from .table import print_table

SMALL = 1_000
LARGE = ROOM_MEMBERS - SPARE

Named = tuple[str, RoomFigures]


@dataclass(frozen=True, slots=True)
class LargeRooms:
    """What was measured."""

    bare_small: RoomFigures
    bare: RoomFigures
    small: RoomFigures
    large: RoomFigures
    both: RoomFigures | None
    """Two rooms; `None` if no process may open so many files."""

    idle_before: float
    idle_after: float
    """Shares of a core."""


def run() -> LargeRooms:
    """Measure and print."""
    streams = most_streams()
    with two_cores() as core:
        bare_small, bare = (_alone(core, "bare", people) for people in (SMALL, LARGE))
        small = _alone(core, "server", SMALL)
        steps = [f"fill=a,{LARGE}", "idle", "measure", "idle"]
        if streams >= LARGE + ROOM_MEMBERS:
            steps += [f"fill=b,{ROOM_MEMBERS}", "measure"]
        with drive(core, "server", *steps) as told:
            before, large, after, *rest = told
    both = room_figures(rest[0]) if rest else None
    large_rooms = LargeRooms(bare_small, bare, small, room_figures(large), both, before, after)
    _print(large_rooms, streams)
    return large_rooms


def _alone(core: int | None, target: str, people: int) -> RoomFigures:
    with drive(core, target, f"fill=a,{people}", "measure") as told:
        (measured,) = told
    return room_figures(measured)


def _print(large_rooms: LargeRooms, streams: int) -> None:
    measured = [
        ("bare", large_rooms.bare_small),
        ("the server", large_rooms.small),
        ("bare", large_rooms.bare),
        ("the server", large_rooms.large),
    ]
    if large_rooms.both is not None:
        measured.append(("two rooms", large_rooms.both))
    else:
        print(f"\nTen thousand streams were left out: a process may open {streams:,}.")
    _print_deliveries(measured)
    _print_loads(measured)
    print_table(
        f"Idle, {large_rooms.large.streams:,} streams with their heartbeats, in percent of a core",
        ("", "%"),
        [
            ("before the first message", 100 * large_rooms.idle_before),
            ("after the last", 100 * large_rooms.idle_after),
        ],
    )


def _print_deliveries(measured: Sequence[Named]) -> None:
    print_table(
        "One message to all in a room; a member joins each second",
        ("", "streams", "p50 ms", "p99 ms", "µs each", "a second", "KiB each", "later", "open s"),
        [
            (
                name,
                room.streams,
                room.to_all.p50_ms,
                room.to_all.p99_ms,
                room.us,
                round(room.deliveries_per_s),
                room.kib,
                room.kib_after,
                room.open_s,
            )
            for name, room in measured
        ],
    )
    print("  µs of the server's core for one delivery; memory before the first message, and later")


def _print_loads(measured: Sequence[Named]) -> None:
    print_table(
        "Processor time meanwhile, in percent of a core",
        ("", "streams", "server", "driver", "others on the server's core", ""),
        [
            (
                name,
                room.streams,
                100 * room.busy.server,
                100 * room.busy.driver,
                100 * room.busy.others,
                "the driver was the limit" if room.busy.was_driver_the_limit else "",
            )
            for name, room in measured
        ],
    )
