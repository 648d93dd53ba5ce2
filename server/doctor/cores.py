"""Whether a crash would leave a core dump: an image of a process's memory.

The web process gives that up by itself, and is not dumpable: the kernel then makes no core, not
even for a program that `core_pattern` pipes to. Tor and the supervisor inherit the limit of
whoever starts them. Tor 0.4.9.11 of Debian 12, killed by SIGABRT, left a core wherever its limit
allowed one, with `DisableDebuggerAttachment 1` too.

Source: core(5); Linux, `fs/coredump.c` (not dumpable is looked at before any pipe; the limit is
not); systemd, `src/coredump/coredump.c` (nothing is kept of a process whose limit is under a page).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from .findings import Finding, State
from .machine import Machine, Pid
from .trial import Trial

NAME = "core dumps"
THROWS_AWAY = frozenset({"true", "false"})
HEEDS_LIMIT = frozenset({"systemd-coredump"})
PATTERN_HINT = (
    "echo 'kernel.core_pattern=|/bin/false' | sudo tee /etc/sysctl.d/60-no-core.conf"
    " && sudo sysctl --system; where apport is: sudo systemctl disable --now apport"
)


def check_cores(machine: Machine, trial: Trial, pids: Iterable[Pid]) -> Finding:
    """Find whether the web process, tor or the supervisor would leave a core dump.

    Args:
        machine: whose kernel decides.
        trial: what a sealed process said of itself.
        pids: of the house; of who would start it, where none runs.
    """
    if trial.is_sealed and (trial.core_limits != (0, 0) or trial.is_dumpable):
        sentence = "a sealed process can still be dumped"
        return Finding(NAME, State.FAILS, sentence, "tell the authors which kernel this is")
    pattern = machine.text("proc/sys/kernel/core_pattern")
    limits = {machine.core_limit(pid) for pid in pids}
    if pattern is None or None in limits:
        return Finding(NAME, State.UNKNOWN, "the kernel does not say what it does with core dumps")
    handler = _handler(pattern)
    if handler in THROWS_AWAY:
        return Finding(NAME, State.HOLDS, "the kernel throws every core dump away")
    if handler and handler not in HEEDS_LIMIT:
        sentence = f"a crash of tor is handed to {handler}, whatever the limit: it may hold words"
        return Finding(NAME, State.FAILS, sentence, PATTERN_HINT)
    if limits != {"0"}:
        sentence = "a crash of tor would leave a core dump with words: the limit is not 0"
        return Finding(NAME, State.FAILS, sentence, "ulimit -c 0, and start the house after it")
    return Finding(NAME, State.HOLDS, "the core limit is 0, and the web process is not dumpable")


def _handler(pattern: str) -> str:
    """The program that core dumps are piped to; empty if there is none."""
    if not pattern.startswith("|"):
        return ""
    words = pattern[1:].split()
    return PurePosixPath(words[0]).name if words else ""
