"""A TCP port counts if a process of the server holds it; it is unknown if nobody can see that."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.doctor.findings import State
from server.doctor.machine import Machine
from server.doctor.ports import check_ports
from server.doctor.running_server import RunningServer

from .fake_machine import SANDBOXED, TCP_HEAD, add_sockets, listening, make_machine

WEB, TOR, OTHER = 70, 71, 80
SERVER = RunningServer(WEB, TOR, 60)
USER, STRANGER = 4242, 4243


def machine(root: Path, tcp: str, tcp6: str = "") -> Machine:
    """Three processes of one user, and one table of sockets."""
    files = {}
    for pid in (WEB, TOR, OTHER):
        files[f"proc/{pid}/status"] = SANDBOXED.format(uid=USER, parent=1)
        files[f"proc/{pid}/net/tcp"] = TCP_HEAD + tcp
        files[f"proc/{pid}/net/tcp6"] = TCP_HEAD + tcp6
    return make_machine(root, files)


def test_no_server_has_no_ports(tmp_path: Path) -> None:
    assert check_ports(make_machine(tmp_path, {}), None).state is State.HOLDS


@pytest.mark.checklist(28)
@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("pid", [WEB, TOR])
def test_port_that_the_server_holds_fails_and_is_named(
    tmp_path: Path, pid: int, version: int
) -> None:
    line = listening(8080, uid=USER, inode=900)
    server = machine(tmp_path, line if version == 4 else "", line if version == 6 else "")
    add_sockets(tmp_path, pid, 900)
    add_sockets(tmp_path, WEB + TOR - pid, 901)
    found = check_ports(server, SERVER)
    sentence = "the server listens on tcp: port 8080"
    assert (found.state, found.sentence) == (State.FAILS, sentence)
    assert "ss -ltnp" in found.hint


@pytest.mark.checklist(28)
def test_connection_of_tor_is_not_a_port(tmp_path: Path) -> None:
    server = machine(tmp_path, listening(8080, uid=USER, inode=900, state="01"))
    add_sockets(tmp_path, WEB)
    add_sockets(tmp_path, TOR, 900)
    assert check_ports(server, SERVER).state is State.HOLDS


@pytest.mark.checklist(28)
def test_port_of_another_process_is_not_the_servers(tmp_path: Path) -> None:
    server = machine(tmp_path, listening(8080, uid=USER, inode=900))
    add_sockets(tmp_path, WEB, 901)
    add_sockets(tmp_path, TOR)
    assert check_ports(server, SERVER).state is State.HOLDS


def test_hidden_processes_are_judged_by_the_owner_of_the_ports(
    tmp_path: Path,
) -> None:
    mine = listening(8080, uid=USER, inode=900)
    server = machine(tmp_path, mine + listening(22, uid=STRANGER, inode=800))
    found = check_ports(server, SERVER)
    assert found.state is State.UNKNOWN
    assert "8080" in found.sentence
    assert "22" not in found.sentence
    add_sockets(tmp_path, OTHER, 900)
    assert check_ports(server, SERVER).state is State.HOLDS


def test_unreadable_table_is_unknown(tmp_path: Path) -> None:
    assert check_ports(make_machine(tmp_path, {}), SERVER).state is State.UNKNOWN
