"""Servers as children of a measurement, on a core of their own where there are two."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def child(core: int | None, *command: str) -> Iterator[int]:
    """A server as a child, on its core, up when the block begins; its process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.PIPE,
        preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline(), f"{command[0]} did not come up"
        yield process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def spent_s(pid: int) -> float:
    """Seconds that a process has had of a core, to the nanosecond.

    Source:
        Documentation/scheduler/sched-stats.rst of Linux: the first number of `schedstat`.
    """
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
