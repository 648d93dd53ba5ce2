"""Bootstrap lines are parsed, and a stalled bootstrap is distinguished from a slow one."""

from __future__ import annotations

import pytest

from onion.bootstrap import Progress, StallWatch, parse_clock_skew, parse_progress


def test_reply_to_getinfo_is_parsed() -> None:
    line = 'status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY="Done"'
    assert parse_progress(line) == Progress(100, "done", "Done")


def test_event_is_parsed() -> None:
    line = 'STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=14 TAG=handshake SUMMARY="Shaking hands"'
    assert parse_progress(line) == Progress(14, "handshake", "Shaking hands")


def test_warning_is_kept_without_the_relay_that_caused_it() -> None:
    progress = parse_progress(
        'STATUS_CLIENT WARN BOOTSTRAP PROGRESS=5 TAG=conn SUMMARY="Connecting to a relay" '
        'WARNING="No route to host" REASON=NOROUTE COUNT=5 RECOMMENDATION=warn '
        'HOSTID="FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" HOSTADDR="198.51.100.7:9001"'
    )
    assert progress == Progress(5, "conn", "Connecting to a relay", "No route to host")


def test_quotes_inside_a_summary_are_parsed() -> None:
    progress = parse_progress(r'NOTICE BOOTSTRAP PROGRESS=1 TAG=x SUMMARY="a \"b\" c=d"')
    assert progress == Progress(1, "x", 'a "b" c=d')


@pytest.mark.parametrize(
    "line",
    ["", "OK", "STATUS_CLIENT NOTICE CIRCUIT_ESTABLISHED", "HS_DESC UPLOAD x UNKNOWN y",
     "NOTICE BOOTSTRAP TAG=done", "NOTICE BOOTSTRAP PROGRESS=-1 TAG=x"],
)  # fmt: skip
def test_line_of_another_kind_gives_no_progress(line: str) -> None:
    assert parse_progress(line) is None


def test_only_the_last_step_is_done() -> None:
    assert not Progress(99, "x", "").is_done
    assert Progress(100, "done", "").is_done


def test_clock_skew_is_parsed_with_its_sign() -> None:
    line = "STATUS_GENERAL WARN CLOCK_SKEW SKEW=-86400 MIN_SKEW=3600 SOURCE=CONSENSUS"
    assert parse_clock_skew(line) == -86400
    assert parse_clock_skew("STATUS_CLIENT NOTICE CIRCUIT_ESTABLISHED") is None


def test_bootstrap_that_makes_progress_never_stalls() -> None:
    watch = StallWatch(stall_s=10, now_s=100)
    for step in range(50):
        watch.note(step, now_s=100 + 9 * step)
        assert watch.left_s(now_s=100 + 9 * step + 9) > 0


def test_repeated_percentage_is_not_progress() -> None:
    watch = StallWatch(stall_s=10, now_s=0)
    watch.note(5, now_s=0)
    watch.note(5, now_s=9)
    watch.note(3, now_s=9)
    assert watch.left_s(now_s=9) == 1
    assert watch.left_s(now_s=10) == 0


def test_remaining_time_never_falls_below_zero() -> None:
    assert StallWatch(stall_s=1, now_s=0).left_s(now_s=99) == 0
