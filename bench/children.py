"""Servers as child processes of a measurement, on their own core where there are two."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

QUICK_DRAWS = ("--draw-every", "0.005")
"""Options of a server in which pairs meet at once, nearly: it draws matches all the time."""


@contextmanager
def two_cores() -> Iterator[int | None]:
    """Pin this process to one core and yield another for the child, where there are two."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        yield None
        return
    os.sched_setaffinity(0, {cores[0]})
    try:
        yield cores[1]
    finally:
        os.sched_setaffinity(0, cores)


def pinned(core: int | None) -> Callable[[], None] | None:
    """Return a function that pins a child to its core before it starts."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


@contextmanager
def child(core: int | None, *command: str) -> Iterator[int]:
    """Start a server on its core and wait until it is up; yield its process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.PIPE,
        preexec_fn=pinned(core),
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline(), f"{command[0]} did not come up"
        yield process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def servers_of(*modules: str) -> Iterator[list[tuple[int, Path]]]:
    """Start a server of each program, all on one core; yield process id and socket of each."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sottovoce-bench-"))
        core = stack.enter_context(two_cores())
        servers = []
        for module in modules:
            socket = Path(folder) / module / "web.sock"
            serve = (module, "serve", "--json", "--socket", str(socket), *QUICK_DRAWS)
            servers.append((stack.enter_context(child(core, *serve)), socket))
        yield servers


def spent_s(pid: int) -> float:
    """Processor time of a process in seconds, to the nanosecond."""
    return _schedule(pid)[0]


def waited_s(pid: int) -> float:
    """Seconds in which it could have run while other processes had its core."""
    return _schedule(pid)[1]


def _schedule(pid: int) -> tuple[float, float]:
    """Processor time of a process, and how long it waited for a core, in seconds.

    Source:
        Documentation/scheduler/sched-stats.rst of Linux: the first two numbers of `schedstat`.
    """
    had, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    return int(had) / 1e9, int(waited) / 1e9


def resident_kib(pid: int) -> int:
    """Resident memory of a process, in KiB.

    Source:
        proc_pid_status(5), `VmRSS`.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
