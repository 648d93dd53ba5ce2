"""A separate temporary folder and home for the commands of a test.

The path of the folder identifies the processes that the commands have started, but for the web
process: it is told no path. It is found as a child of one of them, and remembered.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.onion.launch.test_process import dies_within

TOP = Path(__file__).parents[2]
BOUND_S = 60.0
"""Limit for a command that ends by itself; on a loaded machine some take many seconds."""


class Workspace:
    """Runs commands with their own TMPDIR and HOME, which every child process inherits.

    Args:
        folder: empty, mode 0700, with a short path: it will contain Unix sockets.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "t"
        self.home = folder / "h"
        for path in (self.folder, self.home):
            path.mkdir(mode=0o700)
        self._seen: set[tuple[int, str]] = set()
        """Process id and start time of every process that was found so far."""

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the environment of a command, with the given variables set."""
        kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        return {**kept, "TMPDIR": str(self.folder), "HOME": str(self.home), **variables}

    def run(
        self, *arguments: str | Path, within: Sequence[str] = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that ends by itself.

        Args:
            arguments: what follows `sottovoce` on the command line.
            within: a command that runs it, such as `unshare`.
            variables: environment variables to set.
        """
        return subprocess.run(
            [*within, *command(*arguments)],
            cwd=TOP,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BOUND_S,
            check=False,
        )

    def pids(self, *containing: str) -> list[int]:
        """Return the processes that the commands have started and that still run.

        Args:
            containing: if given, only processes whose command line contains one of these texts.
        """
        mark = f"\0TMPDIR={self.folder}\0".encode()
        processes = {process.pid: process for process in running_processes()}
        ours = {
            pid
            for pid, process in processes.items()
            if mark in process.environment
            or str(self.folder) in process.command_line
            or (pid, process.started) in self._seen
        }
        ours |= {pid for pid, process in processes.items() if process.parent in ours}
        self._seen |= {(pid, processes[pid].started) for pid in ours}
        lines = {pid: processes[pid].command_line for pid in ours}
        wanted = [pid for pid, line in lines.items() if any(text in line for text in containing)]
        return wanted if containing else list(ours)

    def run_folders(self) -> list[Path]:
        """List the content of the temporary folder."""
        return sorted(self.folder.iterdir())

    def bound_sockets(self) -> list[str]:
        """List the Unix sockets in the temporary folder that are still bound by their full path."""
        table = Path("/proc/net/unix").read_text(encoding="utf-8")
        return [line.split()[-1] for line in table.splitlines() if str(self.folder) in line]

    def left_nothing(self, within_s: float = 0.0) -> bool:
        """Whether all processes end within `within_s` seconds and leave nothing behind."""
        alive = [pid for pid in self.pids() if not dies_within(pid, within_s)]
        return not (alive or self.pids() or self.run_folders() or self.bound_sockets())


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """One process, as far as we may see it."""

    pid: int
    parent: int
    started: str
    """Time of its start, as the kernel counts it."""

    command_line: str
    environment: bytes
    """Empty if it is not ours to read."""


def running_processes() -> Iterator[RunningProcess]:
    """List the processes of this machine, without the dead."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command_line = (folder / "cmdline").read_bytes().decode(errors="replace")
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        environment = b""
        with suppress(OSError):
            environment = b"\0" + (folder / "environ").read_bytes()
        # Fields 3, 4 and 22 of proc_pid_stat(5): state, parent, start.
        if fields[0] != "Z":
            yield RunningProcess(
                int(folder.name), int(fields[1]), fields[19], command_line, environment
            )


def command(*arguments: str | Path) -> list[str]:
    """Return the command line of `sottovoce` with these arguments."""
    return [sys.executable, "-m", "server", *map(str, arguments)]


def sentence_and_hint(done: subprocess.CompletedProcess[str], status: int = 1) -> tuple[str, str]:
    """Check the form of an error message for the operator; return its sentence and its hint."""
    assert done.returncode == status, done.stderr
    first, second = done.stderr.splitlines()
    assert first.startswith("sottovoce: ")
    assert second.startswith("hint: ")
    sentence = first.removeprefix("sottovoce: ")
    assert not sentence[0].isupper()
    assert not sentence.endswith(".")
    return sentence, second.removeprefix("hint: ")
