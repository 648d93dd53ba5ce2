"""`sottovoce doctor` as an operator runs it, on this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from onion import load_or_create_key
from server.doctor.examine import CHECKS

from .server_process import TOP, ServerProcess, running_server

# Each run executes tor and starts a sandboxed process.
pytestmark = [pytest.mark.slow, pytest.mark.tor]

STATES = {"holds", "fails", "cannot tell", "worth knowing"}

SLOW_STEP = re.compile(r"^Executing <.*> took \d+\.\d{3} seconds\n", re.MULTILINE)
"""Written by asyncio's debug mode about a step of over 0.1 s: likely on a loaded machine."""

Findings = dict[str, dict[str, Any]]


def doctor(*options: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", "doctor", *map(str, options)],
        cwd=TOP,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_json(folder: Path, *options: str | Path, **environ: str) -> tuple[int, Findings]:
    """Return the exit code, and the findings by name."""
    ran = doctor("--folder", folder, "--json", *options, **environ)
    assert SLOW_STEP.sub("", ran.stderr) == ""
    findings = [json.loads(line) for line in ran.stdout.splitlines()]
    return ran.returncode, {finding["name"]: finding for finding in findings}


def test_each_check_is_one_finding_and_failures_exit_with_1(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    code, findings = run_json(folder)
    assert len(findings) == len(CHECKS)
    assert {finding["event"] for finding in findings.values()} == {"finding"}
    states = {finding["state"] for finding in findings.values()}
    assert states <= STATES
    assert code == int("fails" in states)
    assert not folder.exists(), "the doctor has created the folder"


def test_text_output_has_one_line_per_check_and_hints(tmp_path: Path) -> None:
    (tmp_path / "core").write_text("")
    ran = doctor("--folder", tmp_path)
    lines = ran.stdout.splitlines()
    sentences = [line for line in lines if not line.lstrip().startswith("hint: ")]
    assert len(sentences) == len(CHECKS)
    # The sentences are aligned.
    assert {line[15] for line in sentences} == {" "}
    assert all(line[16:29].strip() in STATES for line in sentences)
    index = next(index for index, line in enumerate(lines) if line.startswith("left behind"))
    assert "fails" in lines[index]
    assert lines[index + 1].lstrip().startswith("hint: ")
    assert (ran.returncode, ran.stderr) == (1, "")


@pytest.mark.checklist(32)
def test_key_that_others_may_read_fails(tmp_path: Path) -> None:
    key = tmp_path / "server" / "onion.key"
    load_or_create_key(key)
    assert run_json(key.parent)[1]["key"]["state"] == "holds"
    key.chmod(0o644)
    code, findings = run_json(key.parent)
    assert (code, findings["key"]["state"]) == (1, "fails")


@pytest.mark.checklist(25, 27, 28)
def test_running_server_is_sandboxed_and_has_no_port(server: ServerProcess) -> None:
    folder = server.socket.parents[1]
    _, findings = run_json(folder)
    holding = {name for name, finding in findings.items() if finding["state"] == "holds"}
    assert {"running server", "left behind"} <= holding
    assert f"pid {server.process.pid}" in findings["running server"]["sentence"]
    assert findings["tcp ports"]["state"] != "fails"
    assert server.ask_admin(b"status\n")["status"] == "serving"


@pytest.mark.checklist(28)
def test_running_server_without_sandbox_fails(tmp_path: Path) -> None:
    with running_server(tmp_path, "--unsealed") as unsealed:
        code, findings = run_json(tmp_path)
        assert (code, findings["running server"]["state"]) == (1, "fails")
        assert f"pid {unsealed.process.pid}" in findings["running server"]["sentence"]
    assert "no server runs" in run_json(tmp_path)[1]["running server"]["sentence"]


def test_debugging_variable_in_the_environment_fails(tmp_path: Path) -> None:
    _, without = run_json(tmp_path)
    code, findings = run_json(tmp_path, PYTHONDEVMODE="1", PYTHONWARNINGS="always")
    assert (code, findings.pop("python")["state"]) == (1, "fails")
    changed = {name for name in findings if findings[name]["state"] != without[name]["state"]}
    assert changed == set(), "Python's own output was parsed as an answer"


def test_machine_without_tor_gets_a_hint_what_to_install(tmp_path: Path) -> None:
    code = (
        "from onion.launch import program; import server.cli;"
        "program._SYSTEM_FOLDERS = (); server.cli.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "doctor", "--json", "--folder", str(tmp_path)],
        cwd=TOP,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    findings = {finding["name"]: finding for finding in map(json.loads, ran.stdout.splitlines())}
    assert findings["tor"]["state"] == "fails"
    assert "apt-get install tor" in findings["tor"]["hint"]


@pytest.mark.checklist(29)
def test_own_torrc_lines_are_checked(tmp_path: Path) -> None:
    lines = tmp_path / "mine.torrc"
    lines.write_text("Sandbox 1\n")
    _, findings = run_json(tmp_path / "server", "--torrc", lines)
    assert findings["tor's sandbox"]["state"] == "holds"
    lines.write_text("Socks5Proxy 127.0.0.1:99999\n")
    code, findings = run_json(tmp_path / "server", "--torrc", lines)
    assert (code, findings["tor's settings"]["state"]) == (1, "fails")


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--nothing",), 2, "sottovoce: no such option"),
        (("more",), 2, "sottovoce: got unexpected extra argument"),
        (("--torrc", "/nowhere/torrc"), 1, "sottovoce: the file /nowhere/torrc cannot be read"),
        (("--folder", "/dev/null"), 1, "sottovoce: /dev/null is not a folder"),
        (("--folder", "/has=sign"), 1, "sottovoce: '/has=sign' cannot be used"),
    ],
)
def test_wrong_usage_prints_one_sentence_and_exits(
    options: tuple[str, ...], code: int, message: str
) -> None:
    ran = doctor(*options)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert ran.stderr.lower().startswith(message)
    assert "hint: " in ran.stderr
