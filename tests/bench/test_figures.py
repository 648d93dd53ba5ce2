"""The driver's figures are computed correctly, and survive a round trip through JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from bench.figures import Load, Pairs, RoomFigures, Spread, pairs_of, room_figures

LOAD = Load(server=0.5, driver=0.25, others=0.0)


def make_figures(streams: int = 4_960, us: float = 2.0, p99_ms: float = 20.0) -> RoomFigures:
    spread = Spread(8.0, p99_ms)
    return RoomFigures(streams, 1.0, 10.0, 11.0, spread, 400_000.0, us, LOAD)


@pytest.mark.parametrize(
    ("seconds", "p50_ms", "p99_ms"),
    [
        ([0.002], 2.0, 2.0),
        ([0.003, 0.001], 3.0, 3.0),
        ([at / 1_000 for at in range(100, 0, -1)], 51.0, 100.0),
        ([at / 1_000 for at in range(200)], 100.0, 198.0),
    ],
)
def test_spread_has_the_median_and_the_99th_percentile(
    seconds: list[float], p50_ms: float, p99_ms: float
) -> None:
    assert asdict(Spread.of(seconds)) == pytest.approx({"p50_ms": p50_ms, "p99_ms": p99_ms})


def test_figures_are_read_back_from_json() -> None:
    room, pairs = make_figures(), Pairs(1_000, Spread(1.0, 2.0), LOAD)
    assert room_figures(json.loads(json.dumps(asdict(room)))) == room
    assert pairs_of(json.loads(json.dumps(asdict(pairs)))) == pairs


def test_driver_is_the_limit_when_only_the_server_had_time_left() -> None:
    assert Load(server=0.8, driver=0.9, others=0.0).was_driver_the_limit
    assert not Load(server=0.9, driver=0.85, others=0.0).was_driver_the_limit
    assert not Load(server=0.3, driver=0.4, others=0.5).was_driver_the_limit
