"""The measurement of fair shares plays an attacker that is kept in bounds."""

from __future__ import annotations

import pytest

from bench.shares import PAIRS, attack, guests_beside_guesses, openers_beside_rooms, place_bytes
from server.core.limits import CIRCUIT_SESSIONS


@pytest.mark.parametrize("circuits", [1, None])
async def test_all_newcomers_meet_beside_an_attacker(circuits: int | None) -> None:
    seen = await attack(circuits, attempts=200)
    assert seen.came_in == PAIRS
    if circuits is None:
        assert (seen.hostile, seen.refused) == (200, 0)
    else:
        assert seen.hostile <= CIRCUIT_SESSIONS
        assert seen.refused >= 200 - 2 * CIRCUIT_SESSIONS


async def test_newcomers_come_in_beside_rooms_and_guesses() -> None:
    assert await openers_beside_rooms(20) == 16
    assert await guests_beside_guesses(20) == 16


def test_place_takes_some_bytes() -> None:
    assert 50 < place_bytes(32, 640) < place_bytes(1, 640) < 2_000
