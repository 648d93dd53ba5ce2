"""A program that enters the sandbox, tries every forbidden action, and prints the outcomes.

    python -m tests.sandbox.forbidden_calls FOLDER SOCKET VICTIM

FOLDER is for this process alone and contains a socket's file named `mine`. SOCKET is a listening
socket of another process. VICTIM is another process of the same user.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import sys
import termios
from collections.abc import Callable
from functools import partial
from pathlib import Path

from server.sandbox.libc import libc
from server.sandbox.lockdown import lock_down

PR_SET_DUMPABLE, PR_GET_DUMPABLE = 4, 3
CALLS = {
    # By number, because Python has no functions for them. Source: `asm/unistd_64.h` of x86.
    "io_uring": 425,
    "memfd": 319,
    "shared memory": 29,
    "message queue": 68,
    "namespaces": 272,
    "new mounts": 430,
    "watch": 253,
    "keyring": 250,
    "name": 63,
    "stat": 4,
    "lstat": 6,
    "access": 21,
    "getdents": 78,
    "change folder": 80,
    "fchdir": 81,
    "readlink": 89,
    "statfs": 137,
    "lookup of files": 303,
    "open by handle": 304,
    "statx": 332,
    "openat2": 437,
    "faccessat2": 439,
}
SIOCGIFCONF = 0x8912
OF_ITSELF = ("/proc/self/status", "/proc/self/limits")
ABOUT_THE_MACHINE = ("/etc/hostname", "/etc/localtime", "/proc/self/maps", "/proc/self/environ")


def main(folder: Path, listening: str, victim: int) -> None:
    """Open what is needed, enter the sandbox, and try everything."""
    opened = socket.socket(socket.AF_UNIX)
    early = socket.socket(socket.AF_UNIX)
    # Opened now and read later, when opening is forbidden. The content is that of the later time.
    status, limits, itself = (os.open(path, os.O_RDONLY) for path in (*OF_ITSELF, __file__))
    others = folder.parent / "others"
    itself_path, own_folder = Path(__file__), os.open(folder, os.O_PATH | os.O_DIRECTORY)
    lock_down([folder])
    tries: dict[str, Callable[[], object]] = {
        **{f"socket {n}": partial(socket.socket, n, socket.SOCK_STREAM) for n in range(1, 46)},
        **{f"call {name}": partial(_call, number) for name, number in CALLS.items()},
        "socketpair": socket.socketpair,
        "connect": lambda: opened.connect(listening),
        "bind": lambda: early.bind(str(folder / "other")),
        "fork": _fork,
        "run a program": lambda: os.execv("/nowhere", ["nowhere"]),
        "write": lambda: (folder / "mine").write_text("x"),
        "make": lambda: (folder / "new").write_text("x"),
        "write elsewhere": lambda: others.write_text("x"),
        "reopen to write": lambda: os.open(f"/proc/self/fd/{itself}", os.O_RDWR),
        "change a mode": lambda: os.chmod(others, 0o777),
        "change an owner": lambda: os.chown(others, os.getuid(), os.getgid()),
        "change a time": lambda: os.utime(others),
        "set an attribute": lambda: os.setxattr(others, "user.words", b"secret"),
        "rename": lambda: others.rename(folder / "mine too"),
        "make a link": lambda: os.symlink("/", folder / "link"),
        "remove elsewhere": others.unlink,
        "read elsewhere": others.read_bytes,
        "read another's memory": lambda: os.open(f"/proc/{victim}/mem", os.O_RDONLY),
        **{f"read {path}": partial(os.open, path, os.O_RDONLY) for path in ABOUT_THE_MACHINE},
        "read itself": itself_path.read_bytes,
        "open below a folder": lambda: os.open("mine", os.O_PATH, dir_fd=own_folder),
        "list a folder": lambda: os.listdir("/"),
        "list an open folder": lambda: os.listdir(own_folder),
        "find its program": lambda: os.readlink("/proc/self/exe"),
        "name an open folder": lambda: os.readlink(f"/proc/self/fd/{own_folder}"),
        "find its folder": os.getcwd,
        "look at the keys": lambda: os.stat(folder.parent),
        "look at a link": lambda: os.lstat("/proc/self/cwd"),
        "look at what is missing": lambda: os.stat("/nowhere"),
        "look for a name": lambda: _access("/etc/hostname"),
        "change its folder": lambda: os.chdir("/etc"),
        "limit another": lambda: resource.prlimit(victim, resource.RLIMIT_CPU, (1, 1)),
        "slow another down": lambda: os.setpriority(os.PRIO_PROCESS, victim, 19),
        "move another": lambda: os.sched_setaffinity(victim, {0}),
        "kill another": lambda: os.kill(victim, signal.SIGTERM),
        "ask for addresses": lambda: fcntl.ioctl(opened, SIOCGIFCONF, bytes(16)),
        "type for the operator": lambda: fcntl.ioctl(0, termios.TIOCSTI, b"x"),
        "be dumpable": lambda: _prctl(PR_SET_DUMPABLE, 1),
        "remove elsewhere from its folder": lambda: os.unlink("../others", dir_fd=own_folder),
        "remove its own": lambda: os.unlink("mine", dir_fd=own_folder),
    }
    results: dict[str, object] = {name: outcome_of(attempt) for name, attempt in tries.items()}
    results["dumpable"] = libc.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)
    texts = (os.read(file, 2**14).decode() for file in (status, limits))
    results["status"], results["limits"] = texts
    json.dump(results, sys.stdout)


def _call(number: int) -> None:
    if libc.syscall(number, 0, 0, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _access(path: str) -> None:
    # `os.access` returns False for every error.
    if libc.access(path.encode(), os.F_OK) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _prctl(option: int, value: int) -> None:
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def outcome_of(attempt: Callable[[], object]) -> str:
    """Try something that must be refused."""
    try:
        attempt()
    except PermissionError:
        return "refused"
    except OSError as error:
        return f"fails: {error.strerror}"
    return "works"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
