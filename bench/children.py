"""Servers as children of a measurement, on a core of their own where there are two."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def two_cores() -> Iterator[int | None]:
    """Keep this process on one core, and name another for the child, where there are two."""
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
    """What a child does before it begins: go to its core."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


@contextmanager
def child(core: int | None, *command: str) -> Iterator[int]:
    """A server as a child, on its core, up when the block begins; its process id."""
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
    """A house of each program, all up at once on one core: its process id, and its socket."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sottovoce-bench-"))
        core = stack.enter_context(two_cores())
        servers = []
        for module in modules:
            socket = Path(folder) / module / "web.sock"
            serve = (module, "serve", "--json", "--socket", str(socket))
            servers.append((stack.enter_context(child(core, *serve)), socket))
        yield servers


def spent_s(pid: int) -> float:
    """Seconds that a process has had of a core, to the nanosecond."""
    return _schedule(pid)[0]


def waited_s(pid: int) -> float:
    """Seconds in which it could have run and others had its core."""
    return _schedule(pid)[1]


def _schedule(pid: int) -> tuple[float, float]:
    """What a process has had of a core, and how long it waited for one, in seconds.

    Source:
        Documentation/scheduler/sched-stats.rst of Linux: the first two numbers of `schedstat`.
    """
    had, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    return int(had) / 1e9, int(waited) / 1e9


def resident_kib(pid: int) -> int:
    """What of a process is in memory, in KiB.

    Source:
        proc_pid_status(5), `VmRSS`.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
