"""Report that the program is ready, then write in one of many ways.

    python -m tests.process.scribbler WAY FOLDER

FOLDER contains a file named `old`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .strace import READY


def _open(flags: int) -> Callable[[Path], object]:
    return lambda folder: os.open(folder / "old", flags)


def _fail_to_write(folder: Path) -> None:
    with suppress(FileNotFoundError):
        (folder / "none" / "new").write_text("x")


READING = "read"

WAYS: dict[str, Callable[[Path], object]] = {
    READING: lambda folder: (folder / "old").read_text(),
    "write": lambda folder: (folder / "new").write_text("x"),
    "failed write": _fail_to_write,
    "append": _open(os.O_WRONLY | os.O_APPEND),
    "empty": _open(os.O_RDONLY | os.O_TRUNC),
    "make": lambda folder: os.open(folder / "new", os.O_RDONLY | os.O_CREAT),
    "read and write": _open(os.O_RDWR),
    "temporary": lambda folder: tempfile.TemporaryFile(dir=folder).close(),
    "rename": lambda folder: (folder / "old").rename(folder / "new"),
    "link": lambda folder: os.link(folder / "old", folder / "new"),
    "symlink": lambda folder: (folder / "new").symlink_to("old"),
    "folder": lambda folder: (folder / "new").mkdir(),
    "pipe": lambda folder: os.mkfifo(folder / "new"),
    "cut": lambda folder: os.truncate(folder / "old", 0),
    "mode": lambda folder: (folder / "old").chmod(0o600),
    "time": lambda folder: os.utime(folder / "old"),
    "remove": lambda folder: (folder / "old").unlink(),
    "memory": lambda _: os.memfd_create("x"),
    "print": lambda _: os.write(2, b"x"),
    "socket": lambda folder: socket.socket(socket.AF_UNIX).bind(str(folder / "new")),
    "program": lambda _: subprocess.run(["/bin/true"], check=True),
}


if __name__ == "__main__":
    os.write(1, READY)
    WAYS[sys.argv[1]](Path(sys.argv[2]))
