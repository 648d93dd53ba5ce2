"""The clock fails if it shows a time that has passed, and holds if something synchronises it."""

from __future__ import annotations

import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.doctor.clock import check_clock, is_in_sync, latest_known_time
from server.doctor.findings import State

PASSED = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "synchronised", "state"),
    [
        (PASSED + HOUR, True, State.HOLDS),
        (PASSED + HOUR, False, State.UNKNOWN),
        (PASSED + HOUR, None, State.UNKNOWN),
        (PASSED - HOUR, True, State.FAILS),
        (PASSED - HOUR, False, State.FAILS),
    ],
)
def test_clock_is_judged_by_past_times_and_synchronisation(
    now: datetime, synchronised: bool | None, state: State
) -> None:
    found = check_clock(now=now, not_before=PASSED, synchronised=synchronised)
    assert found.state is state
    assert f"{now:%Y-%m-%d %H:%M}" in found.sentence


def test_consensus_and_program_give_a_time_that_has_passed(tmp_path: Path) -> None:
    program, consensus = tmp_path / "program", tmp_path / "cached-microdesc-consensus"
    program.mkdir()
    os.utime(program, (PASSED.timestamp(), PASSED.timestamp()))
    assert latest_known_time(program, consensus) == PASSED
    head = "network-status-version 3 microdesc\nvote-status consensus\nconsensus-method 34\n"
    for day, time in (("2026-06-01", datetime(2026, 6, 1, 12, tzinfo=UTC)), ("2026-04-01", PASSED)):
        consensus.write_text(f"{head}valid-after {day} 12:00:00\nfresh-until {day} 13:00:00\n")
        assert latest_known_time(program, consensus) == time
    consensus.write_bytes(b"\xff\xfe no consensus")
    assert latest_known_time(program, consensus) == PASSED


@pytest.mark.parametrize(("status", "in_sync"), [(0x2001, True), (0x40, False), (0x2041, False)])
def test_kernel_status_is_read_at_its_offset(status: int, in_sync: bool) -> None:
    words = struct.pack("@I4li", 0, 64, 64, 64, 64, status)
    assert is_in_sync(words + bytes(512 - len(words))) is in_sync
