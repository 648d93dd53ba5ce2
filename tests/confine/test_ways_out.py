"""What the web process has given up stays given up: tried in a process that has done so."""

from __future__ import annotations

import json
import platform
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from server.confine import landlock, seccomp, ways_out
from server.confine.seccomp import JUMP_AT_LEAST, LOAD_WORD, OFFSET_ARCH, RETURN, program
from server.confine.syscalls import MACHINES, X32_BIT, Machine
from server.core.errors import OperatorError


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What came of each attempt."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "mine").write_text("x")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "listening"))
        listening.listen()
        program_ = [sys.executable, "-m", "tests.confine.given_up"]
        argv = [*program_, str(folder), str(folder / "listening")]
        ran = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True)
    return json.loads(ran.stdout)  # type: ignore[no-any-return]


@pytest.mark.checklist(28)
def test_no_socket_of_any_family_can_be_made(told: Mapping[str, str]) -> None:
    made = {told[name] for name in told if name.startswith("socket")}
    assert made == {"refused"}
    assert told["io_uring"] == "fails"


@pytest.mark.checklist(28)
def test_socket_from_before_can_neither_connect_nor_be_bound(told: Mapping[str, str]) -> None:
    assert (told["connect"], told["bind"]) == ("refused", "refused")


def test_nothing_can_be_written_and_no_program_be_run(told: Mapping[str, str]) -> None:
    for attempt in ("write", "make", "write elsewhere", "run a program"):
        assert told[attempt] == "refused"


def test_only_the_program_can_be_read_and_only_its_own_files_be_removed(
    told: Mapping[str, str],
) -> None:
    assert told["read elsewhere"] == told["read another's memory"] == "refused"
    assert told["read the program"] == told["remove its own"] == "works"


@pytest.mark.checklist(25)
def test_it_leaves_no_core_and_is_read_by_no_debugger(told: Mapping[str, str]) -> None:
    assert (told["core"], told["dumpable"], told["no new privileges"]) == ("(0, 0)", "0", "1")


def run_filter(machine: Machine, arch: int, number: int) -> int:
    """What the kernel would answer: the filter's steps, as BPF defines them."""
    steps = program(machine)
    place, word = 0, 0
    while True:
        code, yes, no, operand = steps[place]
        if code == RETURN:
            return operand
        if code == LOAD_WORD:
            word = arch if operand == OFFSET_ARCH else number
        else:
            holds = word >= operand if code == JUMP_AT_LEAST else word == operand
            place += yes if holds else no
        place += 1


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_filter_refuses_what_is_listed_and_nothing_else(machine: Machine) -> None:
    refused = {
        number
        for number in range(500)
        if run_filter(machine, machine.audit_arch, number) == seccomp.RET_REFUSE
    }
    assert refused == set(machine.refused.values())
    x32 = run_filter(machine, machine.audit_arch, X32_BIT + 1)
    assert x32 == (seccomp.RET_REFUSE if machine.has_x32 else seccomp.RET_ALLOW)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_calls_of_another_machine_are_refused(machine: Machine) -> None:
    for arch in (0, 0x40000003, machine.audit_arch + 1):
        assert run_filter(machine, arch, 0) == seccomp.RET_REFUSE


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_filter_has_the_form_that_the_kernel_takes(machine: Machine) -> None:
    steps = program(machine)
    assert len(steps) < 4_096
    assert all(len(struct.pack("=HBBI", *step)) == 8 for step in steps)


def test_machine_that_is_not_known_cannot_be_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    with pytest.raises(OperatorError, match="vax"):
        seccomp.refuse_calls()


def test_process_with_a_second_thread_is_not_half_sealed() -> None:
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        with pytest.raises(OperatorError, match="thread"):
            ways_out.give_up_ways_out([Path("/nowhere")])
    finally:
        stop.set()
        other.join()


def test_kernel_without_landlock_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert not landlock.restrict_files([Path("/nowhere")], [])
