"""A sandboxed process is tested for what it can still do; one that is not sandboxed is detected."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from server.doctor.findings import State
from server.doctor.trial import Trial, check_calls, check_files, read_trial, try_sandbox

ROOT = Path(__file__).parents[2]

RESULT: Mapping[str, Any] = {
    "calls": [],
    "writes": False,
    "has_landlock": True,
    "status": "Name:\tpython3\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n",
    "limits": "Limit  Soft  Hard\nMax core file size        0           0            bytes\n",
    "is_dumpable": False,
}


@pytest.mark.checklist(25, 28)
async def test_sandboxed_process_can_do_nothing_forbidden() -> None:
    trial = await try_sandbox()
    assert trial == Trial(has_landlock=trial.has_landlock)


NOT_SANDBOXED = """
import sys
from pathlib import Path
from server.doctor import probe
probe.lock_down = lambda folders: None
probe.main(Path(sys.argv[1]))
"""


@pytest.mark.checklist(28)
def test_process_without_sandbox_is_detected(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"")
    argv = [sys.executable, "-c", NOT_SANDBOXED, str(tmp_path)]
    ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    trial = read_trial(json.loads(ran.stdout))
    for call in ("make a socket", "connect", "bind", "run a program", "start a process"):
        assert call in trial.calls
    assert {"ask for this machine's addresses", "limit another process"} <= set(trial.calls)
    assert trial.writes
    assert not trial.is_filtered
    assert check_calls(trial).state is State.FAILS


@pytest.mark.checklist(28)
@pytest.mark.parametrize(
    ("change", "calls", "files"),
    [
        ({}, State.HOLDS, State.HOLDS),
        ({"calls": ["connect"]}, State.FAILS, State.HOLDS),
        ({"status": "NoNewPrivs:\t1\nSeccomp:\t0\n"}, State.FAILS, State.HOLDS),
        ({"status": "NoNewPrivs:\t0\nSeccomp:\t2\n"}, State.FAILS, State.HOLDS),
        ({"writes": True}, State.HOLDS, State.FAILS),
        ({"has_landlock": False}, State.HOLDS, State.NOTED),
        ({"writes": True, "has_landlock": False}, State.HOLDS, State.FAILS),
    ],
)
def test_each_gap_changes_the_finding(
    change: Mapping[str, Any], calls: State, files: State
) -> None:
    trial = read_trial({**RESULT, **change})
    assert (check_calls(trial).state, check_files(trial).state) == (calls, files)


def test_machine_without_sandbox_gives_reason_and_hint() -> None:
    trial = read_trial({"refused": "no list of system calls for a vax", "hint": "fix it"})
    found = check_calls(trial)
    assert (found.state, found.sentence) == (State.FAILS, "no list of system calls for a vax")
    assert found.hint == "fix it"
    assert check_files(trial).state is State.UNKNOWN
