"""The machine as its files tell of it: `/proc`, `/sys`, and the environment.

Every check reads through this, so that a test can lay out a folder that stands for a machine.

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
"""A process; `self` is the one that asks."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine."""

    root: Path = Path("/")
    """Where its `proc` and `sys` stand."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """What a house that is started from here would inherit."""

    def text(self, path: str) -> str | None:
        """What a file says, less white space at its ends; `None` if it is not there, or not for us.

        Args:
            path: below the root, without a slash in front.
        """
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None

    def status(self, pid: Pid) -> dict[str, str]:
        """The fields of a process's `status`; empty if there is none that we may read."""
        return status_in(self.text(f"proc/{pid}/status") or "")

    def uid(self, pid: Pid) -> int | None:
        """The effective user of a process; `None` if it cannot be told."""
        numbers = self.status(pid).get("Uid", "").split()
        return int(numbers[1]) if len(numbers) > 1 else None

    def is_dumpable(self, pid: Pid) -> bool | None:
        """Whether a process may be dumped and read by others of its user; `None` if not told.

        The files of a process that may not belong to root, and not to its user; of root's own
        processes nothing can be told so.
        """
        uid = self.uid(pid)
        if not uid:
            return None
        try:
            return (self.root / f"proc/{pid}/status").stat().st_uid == uid
        except OSError:
            return None

    def core_limit(self, pid: Pid) -> str | None:
        """The soft limit of a process's core file: bytes, or `unlimited`; `None` if not told."""
        found = core_limits_in(self.text(f"proc/{pid}/limits") or "")
        return found[0] if found else None

    def pids(self) -> list[int]:
        """Every process that can be seen from here."""
        try:
            return [int(entry.name) for entry in (self.root / "proc").iterdir() if _is_pid(entry)]
        except OSError:
            return []

    def socket_inodes(self, pid: Pid) -> frozenset[int] | None:
        """The sockets that a process holds, by inode; `None` if we may not look."""
        found: set[int] = set()
        try:
            for entry in (self.root / f"proc/{pid}/fd").iterdir():
                # One that was closed while we looked is none.
                with suppress(FileNotFoundError):
                    socket = _SOCKET.fullmatch(os.readlink(entry))
                    found.update({int(socket["inode"])} if socket else ())
        except OSError:
            return None
        return frozenset(found)


def status_in(text: str) -> dict[str, str]:
    """Read what `/proc/PID/status` says."""
    fields = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in fields}


def core_limits_in(text: str) -> tuple[str, str] | None:
    """Read the soft and the hard limit of core files from what `/proc/PID/limits` says."""
    found = _CORE_LIMITS.search(text)
    return (found["soft"], found["hard"]) if found else None


def _is_pid(entry: Path) -> bool:
    return entry.name.isascii() and entry.name.isdigit()
