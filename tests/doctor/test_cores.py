"""Core dumps: the kernel's pattern and the limits decide whether a crash leaves a core dump."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.doctor.cores import check_cores
from server.doctor.findings import State
from server.doctor.machine import Machine
from server.doctor.trial import Trial

from .fake_machine import limits, make_machine

PATTERN = "proc/sys/kernel/core_pattern"
SANDBOXED = Trial()
APPORT = "|/usr/share/apport/apport -p%p -s%s -c%c -d%d -P%P -u%u -g%g -- %E\n"
SYSTEMD = "|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h\n"


def machine(root: Path, pattern: str, **core: str) -> Machine:
    files = {f"proc/{pid.removeprefix('pid')}/limits": limits(soft) for pid, soft in core.items()}
    return make_machine(root, {PATTERN: pattern, **files})


@pytest.mark.checklist(25)
@pytest.mark.parametrize(
    ("pattern", "limit", "state"),
    [
        ("core\n", "0", State.HOLDS),
        ("core\n", "unlimited", State.FAILS),
        ("/var/cores/%p\n", "1048576", State.FAILS),
        ("/var/cores/%p\n", "0", State.HOLDS),
        # A pipe gets the core whatever the limit is; the result depends on the program that reads.
        (SYSTEMD, "0", State.HOLDS),
        (SYSTEMD, "unlimited", State.FAILS),
        (APPORT, "0", State.FAILS),
        (APPORT, "unlimited", State.FAILS),
        ("|/bin/false\n", "unlimited", State.HOLDS),
        ("|\n", "0", State.HOLDS),
    ],
)
def test_pattern_and_limit_decide_together(
    tmp_path: Path, pattern: str, limit: str, state: State
) -> None:
    found = check_cores(machine(tmp_path, pattern, self=limit), SANDBOXED, ["self"])
    assert found.state is state
    assert bool(found.hint) == (state is State.FAILS)


@pytest.mark.checklist(25)
def test_one_process_with_an_open_limit_fails(tmp_path: Path) -> None:
    server = machine(tmp_path, "core\n", pid7="0", pid8="unlimited")
    assert check_cores(server, SANDBOXED, [7]).state is State.HOLDS
    assert check_cores(server, SANDBOXED, [7, 8]).state is State.FAILS


def test_program_that_stores_core_dumps_is_named(tmp_path: Path) -> None:
    found = check_cores(machine(tmp_path, APPORT, self="0"), SANDBOXED, ["self"])
    assert "apport gets a copy of its memory" in found.sentence
    assert "kernel.core_pattern=|/bin/false" in found.hint


@pytest.mark.checklist(25)
@pytest.mark.parametrize("trial", [Trial(core_limits=(0, 1)), Trial(is_dumpable=True)])
def test_sandboxed_process_that_could_be_dumped_fails(tmp_path: Path, trial: Trial) -> None:
    found = check_cores(machine(tmp_path, "|/bin/false\n", self="0"), trial, ["self"])
    sentence = "a sandboxed process can still leave a core dump"
    assert (found.state, found.sentence) == (State.FAILS, sentence)


def test_kernel_without_answers_is_unknown(tmp_path: Path) -> None:
    assert check_cores(make_machine(tmp_path, {}), SANDBOXED, ["self"]).state is State.UNKNOWN
    quiet = make_machine(tmp_path, {PATTERN: "core\n"})
    assert check_cores(quiet, SANDBOXED, ["self"]).state is State.UNKNOWN
