"""The web process is sandboxed; if it is not, every page shows a warning."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .server_process import ANSWER_S, TOP, LaunchOptions, ServerProcess, running_server

TELLING = {
    "HOME": "/srv/alice",
    "USER": "alice",
    "PATH": os.pathsep.join(["/srv/alice/bin", os.environ["PATH"]]),
    "LANG": "fa_IR.UTF-8",
    "TZ": "Asia/Tehran",
}
"""An environment that tells who started the server, and where."""


def status_of(server: ServerProcess) -> dict[str, str]:
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_server_is_filtered_and_gains_no_privileges(server: ServerProcess) -> None:
    status = status_of(server)
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")


@pytest.mark.checklist(25)
def test_server_leaves_no_core(server: ServerProcess) -> None:
    limits = Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()
    (core,) = [line.split() for line in limits if line.startswith("Max core file size")]
    assert core[4:6] == ["0", "0"]


async def test_every_page_warns_when_there_is_no_sandbox(
    tmp_path: Path, server: ServerProcess
) -> None:
    with running_server(tmp_path, "--unsealed") as unsealed:
        assert status_of(unsealed)["Seccomp"] == "0"
        for path in ("/", "/pair", "/rooms", "/help", "/privacy", "/nothing"):
            assert "without its sandbox" in (await unsealed.browser().get(path)).page.text
            assert "without its sandbox" not in (await server.browser().get(path)).page.text


def test_ended_server_removes_its_sockets(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        assert server.socket.exists()
        server.process.terminate()
        assert server.process.wait(ANSWER_S) == 0
        assert not server.socket.exists()
        assert not server.admin_socket.exists()


def look_around(folder: Path) -> Mapping[str, Any]:
    """Start a server in its own folder, and return what foreign code inside of it finds out."""
    paths = os.pathsep.join(filter(None, [str(TOP), os.environ.get("PYTHONPATH")]))
    launch = LaunchOptions(
        "tests.process.compromised", cwd=folder, variables={**TELLING, "PYTHONPATH": paths}
    )
    with running_server(Path(), launch=launch) as server:
        assert server.process.stdout is not None
        found: Mapping[str, Any] = json.loads(server.process.stdout.readline())
        return found


def test_broken_process_can_ask_nothing_about_the_machine(tmp_path: Path) -> None:
    outcomes = look_around(tmp_path)["outcomes"]
    assert len(outcomes) > 15
    assert {name: outcome for name, outcome in outcomes.items() if outcome != "refused"} == {}


def test_broken_process_was_told_nothing_about_the_machine(tmp_path: Path) -> None:
    found = look_around(tmp_path)
    arguments = [word for word in found["arguments"] if "/" in word]
    assert arguments == ["web/web.sock", "admin/admin.sock"]
    told = json.dumps([found["environment"], found["sockets"]])
    for value in ("alice", "fa_IR", "Tehran", str(tmp_path)):
        assert value not in told
    assert found["zone"] == ["UTC", "UTC", 0]
    assert {"web.sock", "admin.sock"} <= set(found["sockets"])
