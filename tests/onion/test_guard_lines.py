"""The connections of a tor to its guards are followed, and launches in vain are counted."""

from __future__ import annotations

import pytest

from onion.guard_lines import (
    ALARM_EVERY_S,
    CELL_BYTES,
    QUIET_S,
    GuardLines,
    NetworkTraffic,
    has_line,
)

RELAY = "$8FD521AB0C176A5907EE07D1B7597248A3AB109A~authority4"


def noted(*lines: str) -> tuple[GuardLines, list[bool]]:
    guards = GuardLines()
    return guards, [guards.note(f"ORCONN {line}") for line in lines]


def test_line_is_open_until_the_last_connection_has_ended() -> None:
    guards, changed = noted(
        f"{RELAY} LAUNCHED ID=4",
        f"{RELAY} CONNECTED ID=4",
        f"{RELAY} CONNECTED ID=5",
        f"{RELAY} CLOSED REASON=DONE ID=4",
    )
    assert guards.is_open
    assert changed == [False, True, True, True]
    assert guards.note(f"ORCONN {RELAY} CLOSED REASON=IOERROR NCIRCS=7 ID=5")
    assert not guards.is_open


def test_launches_in_vain_are_counted_until_one_succeeds() -> None:
    failing = [f"{RELAY} LAUNCHED ID={n}" for n in range(6)]
    failing.insert(3, f"{RELAY} FAILED REASON=CONNECTREFUSED ID=2")
    guards, changed = noted(*failing)
    assert (guards.launches_in_vain, guards.is_open) == (6, False)
    assert not any(changed), "what was never open has not ended"
    guards.note(f"ORCONN {RELAY} CONNECTED ID=9")
    assert guards.launches_in_vain == 0


@pytest.mark.parametrize("line", ["", "ORCONN", "HS_DESC CONNECTED x ID=4", f"ORCONN {RELAY} NEW"])
def test_other_lines_change_nothing(line: str) -> None:
    guards = GuardLines()
    assert not guards.note(line)
    assert not guards.is_open


def test_open_connection_is_found_in_the_list_of_tor() -> None:
    assert has_line(f"orconn-status=\n{RELAY} LAUNCHED\n{RELAY} CONNECTED\nOK")
    assert not has_line(f"orconn-status=\n{RELAY} LAUNCHED\nOK")
    assert not has_line("orconn-status=\nOK")
    assert has_line(f"orconn-status={RELAY} CONNECTED\nOK"), "tor writes a single one so"


QUESTION_BYTES = 22
"""Our own question is traffic, too."""


def test_network_that_brings_nothing_is_an_alarm_and_our_questions_are_not_its_traffic() -> None:
    traffic, read_bytes, now_s = NetworkTraffic(), 10_000, 0.0
    assert not traffic.note(read_bytes, now_s)
    for _ in range(20):
        now_s, read_bytes = now_s + QUIET_S / 2, read_bytes + CELL_BYTES
        assert not traffic.note(read_bytes, now_s), "padding is enough"
    alarms = []
    for second in range(int(QUIET_S) + 5):
        read_bytes += QUESTION_BYTES
        if traffic.note(read_bytes, now_s + second):
            alarms.append(second)
    assert alarms == [int(QUIET_S)], "once"
    assert traffic.is_quiet
    traffic.note(read_bytes + CELL_BYTES, now_s + 3600)
    assert not traffic.is_quiet


def test_alarm_of_a_quiet_network_is_rare() -> None:
    traffic = NetworkTraffic()
    alarms = [now_s for now_s in range(3600) if traffic.note(7, float(now_s))]
    assert len(alarms) == 3600 // ALARM_EVERY_S
