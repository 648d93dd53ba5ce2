"""What a driver measures, as it tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Spread:
    """How long many of the same took, in milliseconds."""

    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        """Of so many seconds each."""
        ordered = sorted(seconds)
        return cls(*(1e3 * ordered[min(at, len(ordered) - 1)] for at in _places(len(ordered))))


def _places(count: int) -> tuple[int, int]:
    return count // 2, count * 99 // 100


DRIVER_FULL = 0.8
"""Share of its core from which on the driver may be what is waited for."""


@dataclass(frozen=True, slots=True)
class Load:
    """Who was busy, each as a share of a core."""

    server: float
    driver: float
    others: float
    """What others had of the server's core while it could have run: nothing, if all is well."""

    @property
    def was_driver_the_limit(self) -> bool:
        """Whether the server might have been faster: the driver had no time left, and it had."""
        return self.driver > max(self.server, DRIVER_FULL)


@dataclass(frozen=True, slots=True)
class Crowd:
    """A server with so many streams open, in rooms in which somebody speaks."""

    streams: int
    open_s: float
    """Of all of them that were opened last."""

    kib: float
    """For each, when all were open and nothing was said yet."""

    kib_after: float
    """For each, after all that was said."""

    to_all: Spread
    deliveries_per_s: float
    us: float
    """Processor time of the server for one delivery, in microseconds."""

    fast: Load
    """While it delivered as fast as it could."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """People in pairs, who say one message each in `BEAT_S`."""

    chatters: int
    to_partner: Spread
    load: Load


@dataclass(frozen=True, slots=True)
class End:
    """A server that was told to end with so many streams open."""

    streams: int
    closed_s: float
    """Until the last stream was."""

    ended_s: float
    """Until the process was gone."""

    whole: int
    """Streams that ended with their last chunk."""


def crowd_of(told: Mapping[str, Any]) -> Crowd:
    """A crowd out of JSON."""
    return Crowd(**{**told, "to_all": Spread(**told["to_all"]), "fast": Load(**told["fast"])})


def pairs_of(told: Mapping[str, Any]) -> Pairs:
    """Pairs out of JSON."""
    spread, load = Spread(**told["to_partner"]), Load(**told["load"])
    return Pairs(told["chatters"], spread, load)
