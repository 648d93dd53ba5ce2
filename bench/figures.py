"""The figures that a driver measures and prints as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 99th percentile of many times, in milliseconds."""

    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        """Compute them from times in seconds."""
        ordered = sorted(seconds)
        return cls(*(1e3 * ordered[min(at, len(ordered) - 1)] for at in _places(len(ordered))))


def _places(count: int) -> tuple[int, int]:
    return count // 2, count * 99 // 100


DRIVER_FULL = 0.8
"""Share of its core from which on the driver may be the limit."""


@dataclass(frozen=True, slots=True)
class Load:
    """Who used how much of a core."""

    server: float
    driver: float
    others: float
    """Time in which other processes had the server's core while it could have run; best is 0."""

    @property
    def was_driver_the_limit(self) -> bool:
        """Whether the driver had no time left while the server had: it might have been faster."""
        return self.driver > max(self.server, DRIVER_FULL)


@dataclass(frozen=True, slots=True)
class RoomFigures:
    """A server with so many streams open, in rooms where messages are posted."""

    streams: int
    open_s: float
    """Time to open the streams of the last room."""

    kib: float
    """Of each stream, when all were open, before the first message."""

    kib_after: float
    """Of each stream, after all messages."""

    to_all: Spread
    deliveries_per_s: float
    us: float
    """Processor time of the server for one delivery, in microseconds."""

    busy: Load
    """While it delivered at its highest rate."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Members in pairs, who post one message each in `BEAT_S`."""

    chatters: int
    to_partner: Spread
    load: Load


@dataclass(frozen=True, slots=True)
class End:
    """A server that got SIGTERM with so many streams open."""

    streams: int
    closed_s: float
    """Until the last stream was closed."""

    ended_s: float
    """Until the process was gone."""

    whole: int
    """Streams that ended with their last chunk."""


def room_figures(told: Mapping[str, Any]) -> RoomFigures:
    """Read `RoomFigures` from JSON."""
    return RoomFigures(**{**told, "to_all": Spread(**told["to_all"]), "busy": Load(**told["busy"])})


def pairs_of(told: Mapping[str, Any]) -> Pairs:
    """Read `Pairs` from JSON."""
    spread, load = Spread(**told["to_partner"]), Load(**told["load"])
    return Pairs(told["chatters"], spread, load)
