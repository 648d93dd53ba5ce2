"""Checks whether a crash would leave a core dump: a copy of a process's memory.

The web process disables core dumps for itself and is not dumpable: the kernel then writes no core,
not even for a program that `core_pattern` pipes to. Tor and the supervisor inherit the limit of the
process that starts them. Tor 0.4.9.11 of Debian 12, killed by SIGABRT, left a core wherever its
limit allowed one, with `DisableDebuggerAttachment 1` too.

Source: core(5); Linux, `fs/coredump.c` (dumpable is checked before any pipe, the limit is not);
systemd, `src/coredump/coredump.c` (nothing is stored of a process whose limit is below one page).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from .findings import Finding, State
from .machine import Machine, Pid
from .trial import Trial

NAME = "core dumps"
DISCARDING = frozenset({"true", "false"})
RESPECTING_LIMIT = frozenset({"systemd-coredump"})
PATTERN_HINT = (
    "echo 'kernel.core_pattern=|/bin/false' | sudo tee /etc/sysctl.d/60-no-core.conf"
    " && sudo sysctl --system; where apport is: sudo systemctl disable --now apport"
)


def check_cores(machine: Machine, trial: Trial, pids: Iterable[Pid]) -> Finding:
    """Find whether the web process, tor or the supervisor would leave a core dump.

    Args:
        machine: its kernel decides.
        trial: what a sandboxed process reported of itself.
        pids: the server's processes; if none runs, the process that would start them.
    """
    if trial.is_sandboxed and (trial.core_limits != (0, 0) or trial.is_dumpable):
        sentence = "a sandboxed process can still leave a core dump"
        return Finding(NAME, State.FAILS, sentence, "report your kernel's version to the authors")
    pattern = machine.text("proc/sys/kernel/core_pattern")
    limits = {machine.core_limit(pid) for pid in pids}
    if pattern is None or None in limits:
        return Finding(NAME, State.UNKNOWN, "the kernel's settings for core dumps cannot be read")
    handler = _handler(pattern)
    if handler in DISCARDING:
        return Finding(NAME, State.HOLDS, "the kernel discards every core dump")
    if handler and handler not in RESPECTING_LIMIT:
        sentence = f"if tor crashes, {handler} gets a copy of its memory, whatever the core limit"
        return Finding(NAME, State.FAILS, sentence, PATTERN_HINT)
    if limits != {"0"}:
        sentence = "if tor crashes, a copy of its memory may be written to disk: the limit is not 0"
        return Finding(NAME, State.FAILS, sentence, "run `ulimit -c 0`, then start the server")
    return Finding(NAME, State.HOLDS, "the core limit is 0, and the web process is not dumpable")


def _handler(pattern: str) -> str:
    """Return the program that core dumps are piped to; empty if there is none."""
    if not pattern.startswith("|"):
        return ""
    words = pattern[1:].split()
    return PurePosixPath(words[0]).name if words else ""
