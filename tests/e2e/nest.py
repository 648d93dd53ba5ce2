"""A test's own folder for temporary files; every process that it started is found by its path."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.onion.launch.test_process import dies_within

TOP = Path(__file__).parents[2]
BOUND_S = 60.0
"""For a command that ends by itself; on a loaded machine some take many seconds."""


class Nest:
    """Where a command runs: TMPDIR and HOME are its own, and every child inherits them.

    Args:
        folder: empty, mode 0700, with a short path: sockets stand below it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "t"
        self.home = folder / "h"
        for path in (self.folder, self.home):
            path.mkdir(mode=0o700)

    def environment(self, **changes: str) -> dict[str, str]:
        """The environment of a command."""
        kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
        return {**kept, "TMPDIR": str(self.folder), "HOME": str(self.home), **changes}

    def run(
        self, *words: str | Path, within: Sequence[str] = (), **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that ends by itself.

        Args:
            words: after `sottovoce`.
            within: a command to run it in, such as `unshare`.
            changes: to the environment.
        """
        return subprocess.run(
            [*within, *command(*words)],
            cwd=TOP,
            env=self.environment(**changes),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BOUND_S,
            check=False,
        )

    def pids(self, *of: str) -> list[int]:
        """Its processes; only those with one of these words in their command, if any are given."""
        mark = f"\0TMPDIR={self.folder}\0".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                inherited = b"\0" + (process / "environ").read_bytes()
                words = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            # The web process inherits no variables, but has paths below it as arguments.
            lives_here = mark in inherited or str(self.folder) in words
            if lives_here and (not of or any(word in words for word in of)):
                found.append(int(process.name))
        return found

    def run_folders(self) -> list[Path]:
        """List the folder for temporary files."""
        return sorted(self.folder.iterdir())

    def bound_sockets(self) -> list[str]:
        """List the Unix sockets below it that are still bound."""
        table = Path("/proc/net/unix").read_text(encoding="utf-8")
        return [line.split()[-1] for line in table.splitlines() if str(self.folder) in line]

    def left_nothing(self, within_s: float = 0.0) -> bool:
        """Whether all its processes end within so many seconds and leave nothing behind."""
        alive = [pid for pid in self.pids() if not dies_within(pid, within_s)]
        return not (alive or self.pids() or self.run_folders() or self.bound_sockets())


def command(*words: str | Path) -> list[str]:
    """The command line of `sottovoce` with these words."""
    return [sys.executable, "-m", "server", *map(str, words)]


def explained(done: subprocess.CompletedProcess[str], status: int = 1) -> tuple[str, str]:
    """Check the form of an error that an operator can fix; return its sentence and its hint."""
    assert done.returncode == status, done.stderr
    first, second = done.stderr.splitlines()
    assert first.startswith("sottovoce: ")
    assert second.startswith("hint: ")
    sentence = first.removeprefix("sottovoce: ")
    assert not sentence[0].isupper()
    assert not sentence.endswith(".")
    return sentence, second.removeprefix("hint: ")
