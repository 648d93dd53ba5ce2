"""The driver of floods plays an ordinary conversation and a flood, and measures both."""

from __future__ import annotations

import pytest

from bench.room_flood import Flood

LINE_BYTES_PER_S = 20_000 / 8
"""What a line of 20 kbit/s carries."""


@pytest.mark.slow  # two minutes of a room, played twice
async def test_reader_on_a_slow_line_follows_a_flood_from_one_circuit() -> None:
    quiet = await Flood(0, 1, "").run()
    flooded = await Flood(10, 1, "x").run()
    assert 0 < quiet.bytes_per_s < flooded.bytes_per_s < LINE_BYTES_PER_S
    assert (quiet.refused, flooded.refused) == (0, 0)
    assert min(quiet.tried, flooded.tried) > 50
    for outcome in (quiet, flooded):
        assert min(min(shares) for shares in outcome.kept.values()) > 0.9
