"""A program that enters the web process's sandbox, tries forbidden actions, and reports the result.

    python -m server.doctor.probe FOLDER

FOLDER is for this process alone and contains a file named `mine`. The program prints one JSON
object, see `Trial`.
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
NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
"""A limit that has no effect."""


def main(folder: Path) -> None:
    """Open what is needed, enter the sandbox, try everything, and print the result."""
    # Opened now and read later, when opening is forbidden. The content is that of the later time.
    own = Path("/proc/self")
    with (
        (own / "status").open(encoding="utf-8") as status,
        (own / "limits").open(encoding="utf-8") as limits,
        socket.socket(socket.AF_UNIX) as unix_socket,
    ):
        has_landlock = landlock.version() > 0
        try:
            lock_down([folder])
        except OperatorError as error:
            _print_result(refused=str(error), hint=error.hint)
            return
        _print_result(
            calls=[
                name
                for name, attempts in _calls(unix_socket).items()
                if any(map(_is_allowed, attempts))
            ],
            writes=any(_is_allowed(attempt) for attempt in _writes(folder)),
            has_landlock=has_landlock,
            status=status.read(),
            limits=limits.read(),
            is_dumpable=libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0,
        )


def _calls(unix_socket: socket.socket) -> dict[str, list[Callable[[], object]]]:
    return {
        "make a socket": [partial(socket.socket, n, socket.SOCK_STREAM) for n in FAMILIES],
        "connect": [partial(unix_socket.connect, "/nowhere")],
        "bind": [partial(unix_socket.bind, "/nowhere/either")],
        "run a program": [partial(os.execv, "/nowhere", ["nowhere"])],
        "start a process": [_fork],
        "use io_uring": [partial(_call, IO_URING_SETUP)],
        "ask for this machine's addresses": [
            partial(fcntl.ioctl, unix_socket.fileno(), SIOCGIFCONF, bytes(16))
        ],
        "limit another process": [
            partial(resource.prlimit, os.getppid(), resource.RLIMIT_CPU, NO_LIMIT)
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


def _is_allowed(attempt: Callable[[], object]) -> bool:
    """Whether an action is allowed. One that fails for another reason than permission is, too."""
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


def _print_result(**fields: object) -> None:
    # With its line end and flushed: anything that Python prints later is on its own line.
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
