"""Reads facts about the machine from `/proc`, `/sys` and the environment.

All checks read through `Machine`, so that a test can build a folder that stands for a machine.

Source: proc(5), sysfs(5).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_SOCKET = re.compile(r"socket:\[(?P<inode>\d+)\]")
_CORE_LIMITS = re.compile(r"^Max core file size +(?P<soft>\S+) +(?P<hard>\S+) ", re.MULTILINE)

Pid = int | str
"""A process id; `self` is the process that reads."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, read through its file system."""

    root: Path = Path("/")
    """The folder that contains `proc` and `sys`."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """The environment that a server would inherit if it were started from here."""

    def text(self, path: str) -> str | None:
        """Return a file's text, stripped; `None` if it is missing or may not be read.

        Args:
            path: below the root, without a leading slash.
        """
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None

    def status(self, pid: Pid) -> dict[str, str]:
        """Return the fields of a process's `status`; empty if it cannot be read."""
        return status_in(self.text(f"proc/{pid}/status") or "")

    def uid(self, pid: Pid) -> int | None:
        """Return the effective user of a process; `None` if unknown."""
        numbers = self.status(pid).get("Uid", "").split()
        return int(numbers[1]) if len(numbers) > 1 else None

    def is_dumpable(self, pid: Pid) -> bool | None:
        """Whether other processes of its user may read or dump a process; `None` if unknown.

        The files of a process that is not dumpable belong to root instead of its user. For
        root's own processes this shows nothing.
        """
        uid = self.uid(pid)
        if not uid:
            return None
        try:
            return (self.root / f"proc/{pid}/status").stat().st_uid == uid
        except OSError:
            return None

    def core_limit(self, pid: Pid) -> str | None:
        """Return the soft core limit of a process: bytes or `unlimited`; `None` if unknown."""
        found = core_limits_in(self.text(f"proc/{pid}/limits") or "")
        return found[0] if found else None

    def pids(self) -> list[int]:
        """Return every process that is visible from here."""
        try:
            return [int(entry.name) for entry in (self.root / "proc").iterdir() if _is_pid(entry)]
        except OSError:
            return []

    def socket_inodes(self, pid: Pid) -> frozenset[int] | None:
        """Return the inodes of a process's sockets; `None` if we may not look."""
        found: set[int] = set()
        try:
            for entry in (self.root / f"proc/{pid}/fd").iterdir():
                # Ignore a descriptor that was closed in the meantime.
                with suppress(FileNotFoundError):
                    socket = _SOCKET.fullmatch(os.readlink(entry))
                    found.update({int(socket["inode"])} if socket else ())
        except OSError:
            return None
        return frozenset(found)


def status_in(text: str) -> dict[str, str]:
    """Parse the text of `/proc/PID/status`."""
    fields = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in fields}


def core_limits_in(text: str) -> tuple[str, str] | None:
    """Parse the soft and the hard core limit from the text of `/proc/PID/limits`."""
    found = _CORE_LIMITS.search(text)
    return (found["soft"], found["hard"]) if found else None


def _is_pid(entry: Path) -> bool:
    return entry.name.isascii() and entry.name.isdigit()
