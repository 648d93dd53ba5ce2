"""Run as a program: gives up every way out as the web process does, tries some, says what came.

    python -m server.doctor.probe FOLDER

FOLDER is its own; it holds a file named `mine`. One JSON object goes to stdout, see `Trial`.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from server.core.errors import OperatorError
from server.sandbox import landlock
from server.sandbox.libc import libc
from server.sandbox.lockdown import lock_down
from server.sandbox.seccomp import PR_GET_DUMPABLE

FAMILIES = range(1, 46)
"""Every address family that Linux has had so far. Source: `include/linux/socket.h`, AF_MAX."""

IO_URING_SETUP = 425
SIOCGIFCONF = 0x8912
FOREVER = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
"""A limit that harms nobody."""


def main(folder: Path) -> None:
    """Open what is needed, give up, try, and tell."""
    # Opened now, and read when it may no longer be opened: it tells of the moment of reading.
    own = Path("/proc/self")
    with (
        (own / "status").open(encoding="utf-8") as status,
        (own / "limits").open(encoding="utf-8") as limits,
        socket.socket(socket.AF_UNIX) as early,
    ):
        has_landlock = landlock.version() > 0
        try:
            lock_down([folder])
        except OperatorError as error:
            _tell(refused=str(error), hint=error.hint)
            return
        _tell(
            calls=[name for name, attempts in _calls(early).items() if any(map(_works, attempts))],
            writes=any(_works(attempt) for attempt in _writes(folder)),
            has_landlock=has_landlock,
            status=status.read(),
            limits=limits.read(),
            is_dumpable=libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0,
        )


def _calls(early: socket.socket) -> dict[str, list[Callable[[], object]]]:
    return {
        "make a socket": [partial(socket.socket, n, socket.SOCK_STREAM) for n in FAMILIES],
        "connect": [partial(early.connect, "/nowhere")],
        "bind": [partial(early.bind, "/nowhere/either")],
        "run a program": [partial(os.execv, "/nowhere", ["nowhere"])],
        "start a process": [_fork],
        "use io_uring": [partial(_call, IO_URING_SETUP)],
        "ask for this machine's addresses": [
            partial(fcntl.ioctl, early.fileno(), SIOCGIFCONF, bytes(16))
        ],
        "limit another process": [
            partial(resource.prlimit, os.getppid(), resource.RLIMIT_CPU, FOREVER)
        ],
    }


def _writes(folder: Path) -> list[Callable[[], object]]:
    own = folder / "mine"
    return [
        *(partial((folder / name).write_bytes, b"x") for name in ("mine", "new")),
        partial(own.chmod, 0o600),
        partial(os.utime, own),
        partial(os.setxattr, own, "user.probe", b"x"),
    ]


def _works(attempt: Callable[[], object]) -> bool:
    """Whether it is allowed; what is, and fails for another reason, is allowed all the same."""
    try:
        attempt()
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _call(number: int) -> None:
    if libc.syscall(number, 1, None) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _tell(**what: object) -> None:
    # At once and with its end: whatever Python says after it, it says on a line of its own.
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
