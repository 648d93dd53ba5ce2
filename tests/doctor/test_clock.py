"""The clock is wrong when it says what is over, and trusted when something keeps it right."""

from __future__ import annotations

import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.doctor.clock import check_clock, earliest, is_kept
from server.doctor.findings import State

OVER = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "synchronised", "state"),
    [
        (OVER + HOUR, True, State.HOLDS),
        (OVER + HOUR, False, State.UNKNOWN),
        (OVER + HOUR, None, State.UNKNOWN),
        (OVER - HOUR, True, State.FAILS),
        (OVER - HOUR, False, State.FAILS),
    ],
)
def test_clock_is_judged_by_what_is_over_and_by_who_keeps_it(
    now: datetime, synchronised: bool | None, state: State
) -> None:
    found = check_clock(now=now, over=OVER, synchronised=synchronised)
    assert found.state is state
    assert f"{now:%Y-%m-%d %H:%M}" in found.sentence


def test_last_consensus_and_the_program_itself_say_what_is_over(tmp_path: Path) -> None:
    program, consensus = tmp_path / "program", tmp_path / "cached-microdesc-consensus"
    program.mkdir()
    os.utime(program, (OVER.timestamp(), OVER.timestamp()))
    assert earliest(program, consensus) == OVER
    head = "network-status-version 3 microdesc\nvote-status consensus\nconsensus-method 34\n"
    for day, over in (("2026-06-01", datetime(2026, 6, 1, 12, tzinfo=UTC)), ("2026-04-01", OVER)):
        consensus.write_text(f"{head}valid-after {day} 12:00:00\nfresh-until {day} 13:00:00\n")
        assert earliest(program, consensus) == over
    consensus.write_bytes(b"\xff\xfe no consensus")
    assert earliest(program, consensus) == OVER


@pytest.mark.parametrize(("status", "kept"), [(0x2001, True), (0x40, False), (0x2041, False)])
def test_kernels_word_on_the_clock_is_read_from_its_place(status: int, kept: bool) -> None:
    words = struct.pack("@I4li", 0, 64, 64, 64, 64, status)
    assert is_kept(words + bytes(512 - len(words))) is kept
