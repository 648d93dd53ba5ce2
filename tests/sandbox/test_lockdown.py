"""What the web process has given up stays given up: tried in a process that has done so."""

from __future__ import annotations

import json
import os
import platform
import re
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.core.errors import OperatorError
from server.sandbox import landlock, lockdown, seccomp
from server.sandbox.seccomp import (
    JUMP_ANY_BIT,
    LOAD_WORD,
    OFFSET_ARCH,
    OFFSET_ARGUMENTS,
    OFFSET_NR,
    RETURN,
    program,
)
from server.sandbox.syscalls import MACHINES, Machine

X32_BIT = 0x40000000
"""Numbers from here on are the calls of x32, another table of the same machine."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What came of each attempt."""
    folder = tmp_path_factory.mktemp("own")
    (folder.parent / "others").write_text("x")
    with (
        socket.socket(socket.AF_UNIX) as listening,
        socket.socket(socket.AF_UNIX) as mine,
        victim() as other,
    ):
        listening.bind(str(folder.parent / "listening"))
        listening.listen()
        mine.bind(str(folder / "mine"))
        program_ = [sys.executable, "-m", "tests.sandbox.forbidden_calls"]
        argv = [*program_, str(folder), str(folder.parent / "listening"), str(other.pid)]
        ran = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True)
        assert other.poll() is None
    return json.loads(ran.stdout)  # type: ignore[no-any-return]


@contextmanager
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """Another process of the same user."""
    other = subprocess.Popen(["sleep", "60"])
    try:
        yield other
    finally:
        other.kill()
        other.wait()


@pytest.mark.checklist(28)
def test_no_socket_of_any_family_can_be_made(told: Mapping[str, str]) -> None:
    made = {told[name] for name in told if name.startswith("socket")}
    assert made == {"refused"}


@pytest.mark.checklist(28)
def test_socket_from_before_can_neither_connect_nor_be_bound(told: Mapping[str, str]) -> None:
    assert (told["connect"], told["bind"]) == ("refused", "refused")


def test_no_call_is_made_that_is_not_needed(told: Mapping[str, str]) -> None:
    tried = {name: outcome for name, outcome in told.items() if name.startswith("call ")}
    assert len(tried) > 8
    assert set(tried.values()) == {"refused"}


@pytest.mark.parametrize(
    "attempt",
    [
        *("fork", "run a program", "write", "make", "write elsewhere", "reopen to write"),
        *("change a mode", "change an owner", "change a time", "set an attribute"),
        *("rename", "make a link", "remove elsewhere"),
    ],
)
def test_nothing_can_be_written_and_no_program_be_run(
    told: Mapping[str, str], attempt: str
) -> None:
    assert told[attempt] == "refused"


@pytest.mark.parametrize(
    "attempt",
    [
        *("limit another", "slow another down", "move another", "kill another"),
        *("type for the operator", "be dumpable"),
    ],
)
def test_nothing_is_done_to_another_process_or_to_its_own_dumps(
    told: Mapping[str, str], attempt: str
) -> None:
    assert told[attempt] == "refused"


def test_machine_cannot_be_asked_where_it_is(told: Mapping[str, str]) -> None:
    assert told["ask for addresses"] == told["read its environment"] == "refused"
    assert told["folder"] == "/"


def test_only_the_program_can_be_read_and_only_its_own_files_be_removed(
    told: Mapping[str, str],
) -> None:
    assert told["read elsewhere"] == told["read another's memory"] == "refused"
    assert told["read the program"] == told["remove its own"] == "works"


@pytest.mark.checklist(25)
def test_it_leaves_no_core_and_is_read_by_no_debugger(told: Mapping[str, Any]) -> None:
    assert told["dumpable"] == 0
    assert re.search(r"^Max core file size +0 +0 ", told["limits"], re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s1$", told["status"], re.MULTILINE)
    assert re.search(r"^Seccomp:\s2$", told["status"], re.MULTILINE)


def run_filter(machine: Machine, arch: int, number: int, *arguments: int) -> int:
    """What the kernel would answer: the filter's steps, as BPF defines them."""
    words = {OFFSET_ARCH: arch, OFFSET_NR: number}
    words |= {OFFSET_ARGUMENTS + 8 * place: value for place, value in enumerate(arguments)}
    steps = program(machine)
    place, word = 0, 0
    while True:
        code, yes, no, operand = steps[place]
        if code == RETURN:
            return operand
        if code == LOAD_WORD:
            word = words[operand]
        else:
            holds = bool(word & operand) if code == JUMP_ANY_BIT else word == operand
            place += yes if holds else no
        place += 1


every_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())


@every_machine
def test_filter_allows_what_is_listed_and_nothing_else(machine: Machine) -> None:
    asked = (0, 0, os.O_RDWR)
    allowed = {
        number
        for number in [*range(600), *range(X32_BIT, X32_BIT + 600)]
        if run_filter(machine, machine.audit_arch, number, *asked) == seccomp.RET_ALLOW
    }
    assert allowed == set(machine.allowed.values())
    named = {machine.openat, machine.ioctl, machine.prctl, machine.seccomp}
    assert not named & set(machine.allowed.values())


@every_machine
@pytest.mark.parametrize(
    ("flags", "answer"),
    [
        (os.O_RDONLY | os.O_CLOEXEC, seccomp.RET_ALLOW),
        (os.O_RDONLY | os.O_DIRECTORY | os.O_NONBLOCK, seccomp.RET_ALLOW),
        (os.O_WRONLY, seccomp.RET_REFUSE),
        (os.O_RDWR, seccomp.RET_REFUSE),
        (3, seccomp.RET_REFUSE),
        (os.O_RDONLY | os.O_CREAT, seccomp.RET_REFUSE),
        (os.O_RDONLY | os.O_TRUNC, seccomp.RET_REFUSE),
        (os.O_TMPFILE, seccomp.RET_REFUSE),
    ],
)
def test_files_are_opened_to_be_read(machine: Machine, flags: int, answer: int) -> None:
    assert run_filter(machine, machine.audit_arch, machine.openat, 0, 0, flags) == answer


@every_machine
def test_two_commands_and_one_question_are_allowed(machine: Machine) -> None:
    def answers(call: int, place: int) -> set[int]:
        return {
            value
            for value in [*range(100), *range(0x5400, 0x5480), *range(0x8900, 0x8950)]
            if run_filter(machine, machine.audit_arch, call, *[0] * place, value)
            == seccomp.RET_ALLOW
        }

    assert answers(machine.ioctl, 1) == {seccomp.FIONBIO, seccomp.TCGETS}
    assert answers(machine.prctl, 0) == {seccomp.PR_GET_DUMPABLE}


@every_machine
def test_calls_of_another_machine_are_refused(machine: Machine) -> None:
    for arch in (0, 0x40000003, machine.audit_arch + 1):
        assert run_filter(machine, arch, 0) == seccomp.RET_REFUSE


@every_machine
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
            lockdown.lock_down([Path("/nowhere")])
    finally:
        stop.set()
        other.join()


def test_kernel_without_landlock_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert not landlock.restrict_files([Path("/nowhere")], [])


def test_folder_of_the_sockets_is_no_part_of_the_program() -> None:
    inside = Path(lockdown.__file__).parent / "run"
    with pytest.raises(OperatorError, match="inside of the program"):
        lockdown.lock_down([inside])


def test_folder_that_holds_other_things_is_left_alone(tmp_path: Path) -> None:
    assert lockdown._holds_sockets_alone(tmp_path)
    with socket.socket(socket.AF_UNIX) as mine:
        mine.bind(str(tmp_path / "mine"))
        assert lockdown._holds_sockets_alone(tmp_path)
    (tmp_path / "letter").touch()
    assert not lockdown._holds_sockets_alone(tmp_path)
