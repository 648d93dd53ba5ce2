"""The web process is sandboxed; if it is not, every page shows a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from .server_process import ANSWER_S, ServerProcess, running_server


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
