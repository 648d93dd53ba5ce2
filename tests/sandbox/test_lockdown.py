"""The web process's sandbox holds: forbidden actions are tried in a process that has entered it."""

from __future__ import annotations

import json
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
    LOAD_WORD,
    OFFSET_ARCH,
    OFFSET_ARGUMENTS,
    OFFSET_NR,
    RETURN,
    build_filter,
)
from server.sandbox.syscalls import ARCHITECTURES, Architecture

X32_BIT = 0x40000000
"""Numbers from here on are the calls of x32, another table of the same architecture."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The outcome of each attempt."""
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
        command = [sys.executable, "-m", "tests.sandbox.forbidden_calls"]
        argv = [*command, str(folder), str(folder.parent / "listening"), str(other.pid)]
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
def test_no_socket_of_any_family_can_be_made(outcomes: Mapping[str, str]) -> None:
    made = {outcomes[name] for name in outcomes if name.startswith("socket")}
    assert made == {"refused"}


@pytest.mark.checklist(28)
def test_socket_opened_before_cannot_connect_or_be_bound(outcomes: Mapping[str, str]) -> None:
    assert (outcomes["connect"], outcomes["bind"]) == ("refused", "refused")


def test_unneeded_system_calls_are_refused(outcomes: Mapping[str, str]) -> None:
    tried = {name: outcome for name, outcome in outcomes.items() if name.startswith("call ")}
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
    outcomes: Mapping[str, str], attempt: str
) -> None:
    assert outcomes[attempt] == "refused"


@pytest.mark.parametrize(
    "attempt",
    [
        *("limit another", "slow another down", "move another", "kill another"),
        *("type for the operator", "be dumpable"),
    ],
)
def test_other_processes_and_own_dumps_are_out_of_reach(
    outcomes: Mapping[str, str], attempt: str
) -> None:
    assert outcomes[attempt] == "refused"


@pytest.mark.parametrize(
    "attempt",
    [
        *("read /etc/hostname", "read /etc/localtime", "read /proc/self/maps"),
        *("read /proc/self/environ", "read another's memory", "read elsewhere", "read itself"),
        *("open below a folder", "list a folder", "list an open folder"),
        *("find its program", "name an open folder", "find its folder", "change its folder"),
        *("look at the keys", "look at a link", "look at what is missing", "look for a name"),
        "ask for addresses",
    ],
)
def test_process_cannot_find_out_where_it_runs(outcomes: Mapping[str, str], attempt: str) -> None:
    assert outcomes[attempt] == "refused"


def test_only_files_of_its_own_sockets_are_removable(outcomes: Mapping[str, str]) -> None:
    assert outcomes["remove elsewhere"] == outcomes["remove elsewhere from its folder"] == "refused"
    assert outcomes["remove its own"] == "works"


@pytest.mark.checklist(25)
def test_process_leaves_no_core_and_accepts_no_debugger(outcomes: Mapping[str, Any]) -> None:
    assert outcomes["dumpable"] == 0
    assert re.search(r"^Max core file size +0 +0 ", outcomes["limits"], re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s1$", outcomes["status"], re.MULTILINE)
    assert re.search(r"^Seccomp:\s2$", outcomes["status"], re.MULTILINE)


def run_filter(machine: Architecture, arch: int, number: int, *arguments: int) -> int:
    """Return the kernel's decision: run the filter's instructions as BPF defines them."""
    words = {OFFSET_ARCH: arch, OFFSET_NR: number}
    words |= {OFFSET_ARGUMENTS + 8 * index: value for index, value in enumerate(arguments)}
    instructions = build_filter(machine)
    index, word = 0, 0
    while True:
        code, yes, no, operand = instructions[index]
        if code == RETURN:
            return operand
        if code == LOAD_WORD:
            word = words[operand]
        else:
            index += yes if word == operand else no
        index += 1


every_architecture = pytest.mark.parametrize(
    "machine", ARCHITECTURES.values(), ids=ARCHITECTURES.keys()
)


@every_architecture
def test_filter_allows_what_is_listed_and_nothing_else(machine: Architecture) -> None:
    allowed = {
        number
        for number in [*range(600), *range(X32_BIT, X32_BIT + 600)]
        if run_filter(machine, machine.audit_arch, number, 0, 0) == seccomp.RET_ALLOW
    }
    assert allowed == set(machine.allowed.values())
    named = {machine.ioctl, machine.prctl, machine.seccomp}
    assert not named & set(machine.allowed.values())


@every_architecture
def test_one_listed_call_takes_the_name_of_a_file(machine: Architecture) -> None:
    about_files = ("open", "stat", "link", "access", "dir", "cwd", "dents", "name", "at")
    named = {name for name in machine.allowed if any(part in name for part in about_files)}
    by_descriptor_or_other = {"fstat", "getsockname", "getpeername", "rt_sigaction"}
    assert named - by_descriptor_or_other - {"getpid", "rt_sigreturn"} == {"unlinkat"}


@every_architecture
def test_two_ioctls_and_one_prctl_are_allowed(machine: Architecture) -> None:
    def answers(call: int, index: int) -> set[int]:
        return {
            value
            for value in [*range(100), *range(0x5400, 0x5480), *range(0x8900, 0x8950)]
            if run_filter(machine, machine.audit_arch, call, *[0] * index, value)
            == seccomp.RET_ALLOW
        }

    assert answers(machine.ioctl, 1) == {seccomp.FIONBIO, seccomp.TCGETS}
    assert answers(machine.prctl, 0) == {seccomp.PR_GET_DUMPABLE}


@every_architecture
def test_calls_of_another_architecture_are_refused(machine: Architecture) -> None:
    for arch in (0, 0x40000003, machine.audit_arch + 1):
        assert run_filter(machine, arch, 0) == seccomp.RET_REFUSE


@every_architecture
def test_filter_has_the_size_that_the_kernel_accepts(machine: Architecture) -> None:
    instructions = build_filter(machine)
    assert len(instructions) < 4_096
    assert all(len(struct.pack("=HBBI", *instruction)) == 8 for instruction in instructions)


def test_unknown_architecture_cannot_be_sandboxed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    with pytest.raises(OperatorError, match="vax"):
        seccomp.refuse_calls()


def test_process_with_a_second_thread_is_refused() -> None:
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        with pytest.raises(OperatorError, match="thread"):
            lockdown.lock_down([Path("/nowhere")])
    finally:
        stop.set()
        other.join()


def test_kernel_without_landlock_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert not landlock.restrict_files([Path("/nowhere")])


def test_folder_with_other_files_keeps_its_files(tmp_path: Path) -> None:
    assert lockdown.holds_only_sockets(tmp_path)
    with socket.socket(socket.AF_UNIX) as mine:
        mine.bind(str(tmp_path / "mine"))
        assert lockdown.holds_only_sockets(tmp_path)
    (tmp_path / "letter").touch()
    assert not lockdown.holds_only_sockets(tmp_path)
