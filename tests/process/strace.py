"""Run a program under strace, and find the system calls that could have written anything.

A call counts as writing unless it is known to only read. Refused calls count too: a program that
never writes makes none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

READY = b'{"event": "ready"}\n'
"""The line that a program prints when it is ready."""

BY_NAME = "%file"
"""strace's name for all calls that take a file name."""

NAMELESS = frozenset({"write"})
"""Calls of `BY_DESCRIPTOR` that serving needs."""

BY_DESCRIPTOR = (
    *("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "splice", "vmsplice"),
    *("copy_file_range", "ftruncate", "fallocate", "fchmod", "fchown", "fsetxattr"),
    *("memfd_create", "memfd_secret", "open_by_handle_at", "mq_open", "shmget", "bind"),
    *("io_uring_setup", "io_uring_enter", "socketpair"),
)
"""Calls that write, or create something writable, and take no file name."""

ONLY_READS = frozenset(
    {
        *("access", "faccessat", "faccessat2", "stat", "lstat", "newfstatat", "statx"),
        *("readlink", "readlinkat", "getcwd", "statfs"),
    }
)
OPENS = frozenset({"open", "openat", "openat2"})
WRITABLE = frozenset({"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE"})

_CALL = re.compile(r"(\d+) +(\w+)\((.*)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class Call:
    """One system call, whatever its result."""

    name: str
    arguments: str
    """Its arguments and its result, as strace prints them."""

    @property
    def descriptor(self) -> str:
        """The first argument of a call that takes a descriptor."""
        return self.arguments.partition(",")[0]

    @property
    def could_write(self) -> bool:
        """Whether it could have changed anything outside the process."""
        if self.name in OPENS:
            flags = set(re.findall(r"\bO_\w+", _QUOTED.sub("", self.arguments)))
            return "O_RDONLY" not in flags or not flags.isdisjoint(WRITABLE)
        return self.name not in ONLY_READS


def under_strace(file: Path) -> Sequence[str | Path]:
    """Return the command prefix that makes strace write the calls of a command to `file`.

    Child processes are traced too, and the command dies with strace. strace's own filter
    (`--seccomp-bpf`) is not used: it would hide the calls that the program's filter refuses.
    """
    traced = ",".join([BY_NAME, *(f"?{name}" for name in BY_DESCRIPTOR)])
    strace = ("strace", "-f", "-qq", "-e", f"trace={traced}", "-e", "signal=none", "-o", file, "--")
    return (*strace, "setpriv", "--pdeathsig", "KILL")


def pid_in(file: Path) -> int:
    """Return the id of the process that strace has started."""
    return int(file.read_text(encoding="utf-8").split(maxsplit=1)[0])


def writing_since_ready(file: Path) -> list[Call]:
    """Return the calls that could have written anything after `READY` was printed.

    Wake-ups of the program's own event loop are left out: writes to a socket pair that was made
    before.

    Raises:
        ValueError: if `READY` was never printed.
    """
    before, after = _split_at_ready(file)
    own_pairs = set(_socketpairs(before))
    return [
        call
        for call in after
        if call.could_write and not (call.name == "write" and call.descriptor in own_pairs)
    ]


def naming_since_ready(file: Path) -> list[Call]:
    """Return the calls with the name of a file, or of a folder, after `READY` was printed.

    Raises:
        ValueError: if `READY` was never printed.
    """
    _, after = _split_at_ready(file)
    return [call for call in after if call.name not in NAMELESS]


def _split_at_ready(file: Path) -> tuple[list[Call], list[Call]]:
    calls = list(_calls(file.read_text(encoding="utf-8")))
    # A strace that is not root cannot see the text itself: the process is not dumpable by then.
    ready = re.compile(rf"1, .*, {len(READY)}\) += {len(READY)}")
    ready_at = [
        at for at, call in enumerate(calls) if call.name == "write" and ready.match(call.arguments)
    ]
    if not ready_at:
        raise ValueError("the program never printed that it is ready")
    return calls[: ready_at[0]], calls[ready_at[0] + 1 :]


def _calls(text: str) -> Iterator[Call]:
    for line in text.splitlines():
        # The line that resumes a call starts with `<...`; its first half is counted already.
        if found := _CALL.match(line):
            yield Call(found[2], found[3])


def _socketpairs(calls: Sequence[Call]) -> Iterator[str]:
    for call in calls:
        if call.name == "socketpair":
            yield from re.findall(r"\[(\d+), (\d+)\]", call.arguments)[0]
