"""The server raises its limit of open files as far as allowed, and warns if that is too low."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.process.open_files import RESERVED_FILES

from .server_process import LaunchOptions, ServerProcess, running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

READY = '{"event": "ready"}\n'
STREAMS = 500
ENOUGH = STREAMS + RESERVED_FILES


def allowed(soft: int, hard: int) -> LaunchOptions:
    """Start with these limits of open files. Source: prlimit(1)."""
    return LaunchOptions(prefix=("prlimit", f"--nofile={soft}:{hard}"))


def limits_of(server: ServerProcess) -> tuple[int, int]:
    """Return the effective soft and hard limit."""
    limits = Path(f"/proc/{server.process.pid}/limits").read_text(encoding="utf-8")
    found = re.search(r"^Max open files +(\d+) +(\d+) ", limits, re.MULTILINE)
    assert found is not None
    return int(found[1]), int(found[2])


def few_streams(folder: Path) -> tuple[str, str]:
    """Return the options for a server of `STREAMS` streams."""
    config = folder / "server.toml"
    config.write_text(f"[capacity]\nstreams = {STREAMS}\n", encoding="utf-8")
    return "--config", str(config)


def test_limit_is_raised_and_no_warning_if_that_is_enough(tmp_path: Path) -> None:
    with running_server(tmp_path, *few_streams(tmp_path), launch=allowed(64, ENOUGH)) as server:
        assert limits_of(server) == (ENOUGH, ENOUGH)
        assert server.stop() == (0, READY, "")


def test_too_few_files_cause_a_warning_and_the_server_runs(tmp_path: Path) -> None:
    few = ENOUGH - 1
    with running_server(tmp_path, *few_streams(tmp_path), launch=allowed(64, few)) as server:
        assert limits_of(server) == (few, few)
        assert server.ask_admin(b"status\n")["status"] == "serving"
        code, out, err = server.stop()
    assert (code, out) == (0, READY)
    sentence, hint = err.splitlines()
    assert sentence == (
        f"sottovoce: {STREAMS} streams need {ENOUGH} open files, and this process may have {few}"
    )
    assert hint.startswith("hint: ")
    assert hint.endswith(f" capacity.streams to {STREAMS - 1}")
