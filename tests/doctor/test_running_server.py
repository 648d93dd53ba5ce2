"""The processes of a running server are found, and gaps in its sandbox are named."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from server.doctor.findings import State
from server.doctor.machine import Machine
from server.doctor.running_server import (
    RunningServer,
    check_server,
    find_processes,
    find_server,
    listening_process,
)
from server.supervisor.paths import Paths

from .fake_machine import OPEN, SANDBOXED, limits, make_machine

WEB, TOR, SUPERVISOR, OTHER = 70, 71, 60, 80
PATHS = Paths(Path("/var/server"))


def status(text: str = SANDBOXED, *, uid: int = 4242, parent: int = SUPERVISOR) -> str:
    return text.format(uid=uid, parent=parent)


def test_listening_process_is_found(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    assert listening_process(path) is None
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        assert listening_process(path) == os.getpid()
    assert listening_process(path) is None, "a closed socket has no listener"


def test_no_server_runs_without_a_listener(tmp_path: Path) -> None:
    assert find_server(Machine(), Paths(tmp_path)) is None


def tor_with(torrc: str) -> str:
    return f"/usr/bin/tor\0--defaults-torrc\0/dev/null\0-f\0{torrc}\0"


@pytest.mark.parametrize(
    ("files", "server"),
    [
        ({}, RunningServer(WEB, TOR, SUPERVISOR)),
        ({f"proc/{TOR}/status": status(parent=1)}, RunningServer(WEB)),
        ({f"proc/{TOR}/cmdline": tor_with("/var/server2/tor/torrc")}, RunningServer(WEB)),
        ({f"proc/{WEB}/status": ""}, RunningServer(WEB)),
    ],
    ids=["ours", "another's child", "another folder", "cannot be seen"],
)
def test_tor_is_recognised_by_its_torrc_and_its_parent(
    tmp_path: Path, files: Mapping[str, str], server: RunningServer
) -> None:
    ours = {
        f"proc/{WEB}/status": status(),
        f"proc/{OTHER}/cmdline": tor_with("/etc/tor/torrc"),
        f"proc/{OTHER}/status": status(),
        f"proc/{TOR}/cmdline": tor_with("/var/server/tor/torrc"),
        f"proc/{TOR}/status": status(),
    }
    assert find_processes(make_machine(tmp_path, {**ours, **files}), PATHS, WEB) == server


@pytest.mark.checklist(25)
def test_sandboxed_server_holds(tmp_path: Path) -> None:
    files = {f"proc/{WEB}/status": status(), f"proc/{WEB}/limits": limits("0")}
    found = check_server(make_machine(tmp_path, files), RunningServer(WEB), PATHS)
    sentence = f"the web process (pid {WEB}) is sandboxed"
    assert (found.state, found.sentence) == (State.HOLDS, sentence)


@pytest.mark.checklist(25, 28)
@pytest.mark.parametrize(
    ("text", "core", "gaps"),
    [
        (OPEN, "0", "its system calls are not filtered, it can gain privileges"),
        (SANDBOXED.replace("Seccomp:\t2", "Seccomp:\t0"), "0", "its system calls are not filtered"),
        (SANDBOXED.replace("NoNewPrivs:\t1", "NoNewPrivs:\t0"), "0", "it can gain privileges"),
        (SANDBOXED, "unlimited", "it can leave a core dump"),
    ],
)
def test_gaps_in_the_sandbox_of_a_running_server_are_named(
    tmp_path: Path, text: str, core: str, gaps: str
) -> None:
    files = {f"proc/{WEB}/status": status(text), f"proc/{WEB}/limits": limits(core)}
    found = check_server(make_machine(tmp_path, files), RunningServer(WEB), PATHS)
    assert found.state is State.FAILS
    assert found.sentence.endswith(f"is not sandboxed: {gaps}")
    assert "--unsealed" in found.hint


@pytest.mark.checklist(25)
def test_process_that_its_user_can_read_is_reported(tmp_path: Path) -> None:
    uid = os.getuid() or 4242
    files = {f"proc/{WEB}/status": status(uid=uid), f"proc/{WEB}/limits": limits("0")}
    machine = make_machine(tmp_path, files)
    if os.getuid() == 0:
        os.chown(tmp_path / f"proc/{WEB}/status", uid, -1)
    found = check_server(machine, RunningServer(WEB), PATHS)
    assert found.sentence.endswith("its user's programs can read it")


def test_missing_server_holds_and_hidden_one_is_unknown(
    tmp_path: Path,
) -> None:
    machine = make_machine(tmp_path, {})
    assert check_server(machine, None, PATHS).state is State.HOLDS
    assert check_server(machine, RunningServer(WEB), PATHS).state is State.UNKNOWN
