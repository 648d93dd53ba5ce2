"""The processes of a running server are found, and what they have not given up is named."""

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
    find_server,
    household,
    listener_of,
)
from server.supervisor.paths import Paths

from .laidout import OPEN, SEALED, lay_out, limits

WEB, TOR, SUPERVISOR, OTHER = 70, 71, 60, 80
PLACES = Paths(Path("/var/house"))


def status(text: str = SEALED, *, uid: int = 4242, parent: int = SUPERVISOR) -> str:
    return text.format(uid=uid, parent=parent)


def test_listener_is_the_process_that_listens(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    assert listener_of(path) is None
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        assert listener_of(path) == os.getpid()
    assert listener_of(path) is None, "nobody listens there any more"


def test_no_server_runs_where_nobody_listens(tmp_path: Path) -> None:
    assert find_server(Machine(), Paths(tmp_path)) is None


def tor_with(torrc: str) -> str:
    return f"/usr/bin/tor\0--defaults-torrc\0/dev/null\0-f\0{torrc}\0"


@pytest.mark.parametrize(
    ("files", "server"),
    [
        ({}, RunningServer(WEB, TOR, SUPERVISOR)),
        ({f"proc/{TOR}/status": status(parent=1)}, RunningServer(WEB)),
        ({f"proc/{TOR}/cmdline": tor_with("/var/house2/tor/torrc")}, RunningServer(WEB)),
        ({f"proc/{WEB}/status": ""}, RunningServer(WEB)),
    ],
    ids=["ours", "another's child", "another folder", "cannot be seen"],
)
def test_tor_of_the_server_has_its_torrc_and_its_parent(
    tmp_path: Path, files: Mapping[str, str], server: RunningServer
) -> None:
    ours = {
        f"proc/{WEB}/status": status(),
        f"proc/{OTHER}/cmdline": tor_with("/etc/tor/torrc"),
        f"proc/{OTHER}/status": status(),
        f"proc/{TOR}/cmdline": tor_with("/var/house/tor/torrc"),
        f"proc/{TOR}/status": status(),
    }
    assert household(lay_out(tmp_path, {**ours, **files}), PLACES, WEB) == server


@pytest.mark.checklist(25)
def test_sealed_server_holds(tmp_path: Path) -> None:
    files = {f"proc/{WEB}/status": status(), f"proc/{WEB}/limits": limits("0")}
    found = check_server(lay_out(tmp_path, files), RunningServer(WEB), PLACES)
    assert (found.state, found.sentence) == (State.HOLDS, f"the web process (pid {WEB}) is sealed")


@pytest.mark.checklist(25, 28)
@pytest.mark.parametrize(
    ("text", "core", "kept"),
    [
        (OPEN, "0", "its system calls, new privileges"),
        (SEALED.replace("Seccomp:\t2", "Seccomp:\t0"), "0", "its system calls"),
        (SEALED.replace("NoNewPrivs:\t1", "NoNewPrivs:\t0"), "0", "new privileges"),
        (SEALED, "unlimited", "core dumps"),
    ],
)
def test_what_a_running_server_keeps_is_named(
    tmp_path: Path, text: str, core: str, kept: str
) -> None:
    files = {f"proc/{WEB}/status": status(text), f"proc/{WEB}/limits": limits(core)}
    found = check_server(lay_out(tmp_path, files), RunningServer(WEB), PLACES)
    assert found.state is State.FAILS
    assert found.sentence.endswith(f"has not given up: {kept}")
    assert "--unsealed" in found.hint


@pytest.mark.checklist(25)
def test_process_whose_files_are_its_users_can_be_read_by_that_user(tmp_path: Path) -> None:
    uid = os.getuid() or 4242
    files = {f"proc/{WEB}/status": status(uid=uid), f"proc/{WEB}/limits": limits("0")}
    machine = lay_out(tmp_path, files)
    if os.getuid() == 0:
        os.chown(tmp_path / f"proc/{WEB}/status", uid, -1)
    found = check_server(machine, RunningServer(WEB), PLACES)
    assert found.sentence.endswith("being read by its user's programs")


def test_server_that_is_not_there_holds_and_one_that_is_hidden_is_not_judged(
    tmp_path: Path,
) -> None:
    machine = lay_out(tmp_path, {})
    assert check_server(machine, None, PLACES).state is State.HOLDS
    assert check_server(machine, RunningServer(WEB), PLACES).state is State.UNKNOWN
