"""The places where a process could have left data, and what was written there since a start."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from .needles import Needles

LOG_FOLDERS = (Path("/var/log"), Path("/run/log"))

JOURNAL = "journal"
"""The folder of the system's journal. It is compressed, so it is read with `journalctl`."""


class Traces:
    """Records the state of some folders and the system's logs, and finds what was written since.

    Args:
        folders: all folders that the process may use.
        logs: folders of the system's logs, read as far as permitted.
    """

    def __init__(self, *folders: Path, logs: Sequence[Path] = LOG_FOLDERS) -> None:
        self._folders, self._logs = folders, logs
        self._since_s = int(time.time())
        self._before = dict(self._files())

    def written(self) -> Iterator[tuple[str, bytes]]:
        """Yield each place that was written to, with the file's name and its new content."""
        for path, now in self._files():
            before = self._before.get(path)
            if before is None or _version(before) != _version(now):
                yield str(path), os.fsencode(path) + b"\n" + self._new_part(path, before, now)
        yield JOURNAL, journal_since(self._since_s)

    def found(self, needles: Needles, **outputs: str) -> dict[str, set[str]]:
        """Search the folders, the logs and the process's outputs; return place -> kinds."""
        texts = [*self.written(), *((name, text.encode()) for name, text in outputs.items())]
        found = {where: needles.found_in(text) for where, text in texts}
        return {where: kinds for where, kinds in found.items() if kinds}

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for top in (*self._folders, *self._logs):
            for folder, below, names in os.walk(top):
                if top in self._logs and JOURNAL in below:
                    below.remove(JOURNAL)
                yield from _regular(Path(folder, name) for name in names)

    def _new_part(self, path: Path, before: os.stat_result | None, now: os.stat_result) -> bytes:
        """Return the whole content of a file, or the part that was appended to a log."""
        is_log = any(path.is_relative_to(folder) for folder in self._logs)
        has_grown = before is not None and before.st_ino == now.st_ino
        old = before.st_size if before is not None and is_log and has_grown else 0
        try:
            with path.open("rb") as file:
                file.seek(old if old < now.st_size else 0)
                return file.read()
        except OSError:  # this user may not read it
            return b""


def journal_since(since_s: int) -> bytes:
    """Return the entries of the system's journal since a time; empty if there is no journal.

    Args:
        since_s: seconds since 1970, in UTC.
    """
    program = shutil.which("journalctl")
    if program is None:
        return b""
    argv = [program, "--no-pager", "--quiet", "--all", "--output=export", f"--since=@{since_s}"]
    return subprocess.run(argv, capture_output=True, check=False).stdout


def _regular(paths: Iterator[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    for path in paths:
        try:
            status = path.lstat()
        except OSError:  # deleted in the meantime
            continue
        if stat.S_ISREG(status.st_mode):
            yield path, status


def _version(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
