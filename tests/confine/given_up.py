"""Run as a program of its own: gives up every way out, tries each, and says what came of it.

    python -m tests.confine.given_up FOLDER SOCKET

FOLDER is its own, with a file named `mine`; SOCKET is where somebody listens.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from server.confine.ways_out import give_up_ways_out

PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS = 3, 39
IO_URING_SETUP = 425


def main(folder: Path, listening: str) -> None:
    """Open what is needed, give up, try everything."""
    opened = socket.socket(socket.AF_UNIX)
    early = socket.socket(socket.AF_UNIX)
    libc = ctypes.CDLL(None, use_errno=True)
    give_up_ways_out([folder])
    families = range(1, 46)
    tries: dict[str, Callable[[], object]] = {
        **{f"socket {n}": partial(socket.socket, n, socket.SOCK_STREAM) for n in families},
        "socketpair": socket.socketpair,
        "connect": lambda: opened.connect(listening),
        "bind": lambda: early.bind(str(folder / "other")),
        "write": lambda: (folder / "mine").write_text("x"),
        "make": lambda: (folder / "new").write_text("x"),
        "write elsewhere": lambda: Path("/tmp/elsewhere").write_text("x"),  # noqa: S108
        "read elsewhere": lambda: Path("/etc/hostname").read_bytes(),
        "read another's memory": lambda: os.open(f"/proc/{os.getppid()}/mem", os.O_RDONLY),
        "run a program": lambda: subprocess.run(["/bin/true"], check=True),
        "read the program": lambda: Path(os.__file__).read_bytes()[:1],
        "remove its own": lambda: (folder / "mine").unlink(),
    }
    told = {name: _outcome(attempt) for name, attempt in tries.items()}
    told["io_uring"] = "fails" if libc.syscall(IO_URING_SETUP, 1, None) < 0 else "works"
    told["dumpable"] = str(libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0))
    told["no new privileges"] = str(libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0))
    told["core"] = str(resource.getrlimit(resource.RLIMIT_CORE))
    json.dump(told, sys.stdout)


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except PermissionError:
        return "refused"
    except OSError as error:
        return f"fails: {error.strerror}"
    return "works"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
