"""Run `sottovoce` as after a break-in: once it serves, foreign code asks where it runs.

    python -m tests.process.compromised serve --socket PATH --json

The code runs inside of the sealed process. It prints one line of JSON: the outcome of each attempt,
and what the process has been told about itself.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from server import cli
from tests.sandbox.forbidden_calls import outcome_of

FILES = (
    *("/etc/hostname", "/etc/localtime", "/etc/passwd", "/proc/self/maps", "/proc/self/environ"),
    *("/proc/self/cmdline", "/proc/self/mountinfo", "/proc/net/unix", os.__file__, __file__),
)
"""Read by the process itself. The kernel would tell it all of them."""


def look_around() -> dict[str, object]:
    """Try to find out where the process runs, and collect what it was told."""
    tries: dict[str, Callable[[], object]] = {
        **{f"read {path}": Path(path).read_bytes for path in FILES},
        "link of the program": lambda: os.readlink("/proc/self/exe"),
        "link of the folder": lambda: os.readlink("/proc/self/cwd"),
        "folder": os.getcwd,
        "keys": lambda: os.stat(".."),
        "home": lambda: os.stat("/home"),
        "list": lambda: os.listdir("/"),
        "name of the machine": os.uname,
        "group": os.getgroups,
    }
    return {
        "outcomes": {name: outcome_of(attempt) for name, attempt in tries.items()},
        "arguments": sys.orig_argv[1:],
        "environment": dict(os.environ),
        "zone": [*time.tzname, time.localtime().tm_gmtoff],
        "sockets": sorted(_names_of_sockets()),
    }


def _names_of_sockets() -> set[str]:
    names = set()
    for number in range(256):
        try:
            own = socket.socket(fileno=number)
        except OSError:
            continue
        names.add(str(own.getsockname()))
        own.detach()
    return names


def print_ready() -> None:
    """Report as the command does, and then what was found."""
    report()
    cli.print_event(**look_around())


if __name__ == "__main__":
    report, cli.print_ready = cli.print_ready, print_ready
    cli.main()
