"""Runs a program under strace, and reads which of its calls could have written anything.

Whatever is not known to read only counts as writing. A call that was refused counts too: who
never writes does not try.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

READY = b'{"event": "ready"}\n'
"""What a program says when it has made ready."""

BY_NAME = "%file"
"""strace's word for all calls that take the name of a file."""

BY_DESCRIPTOR = (
    *("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "splice", "vmsplice"),
    *("copy_file_range", "ftruncate", "fallocate", "fchmod", "fchown", "fsetxattr"),
    *("memfd_create", "memfd_secret", "open_by_handle_at", "mq_open", "shmget", "bind"),
    *("io_uring_setup", "io_uring_enter", "socketpair"),
)
"""Calls that write, or make something that can be written, and take no name."""

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
    """One system call, whatever came of it."""

    name: str
    told: str
    """Its arguments and its result, as strace writes them."""

    @property
    def descriptor(self) -> str:
        """The first argument, of a call that takes a descriptor."""
        return self.told.partition(",")[0]

    @property
    def could_write(self) -> bool:
        """Whether it could have changed anything outside of the process."""
        if self.name in OPENS:
            flags = set(re.findall(r"\bO_\w+", _QUOTED.sub("", self.told)))
            return "O_RDONLY" not in flags or not flags.isdisjoint(WRITABLE)
        return self.name not in ONLY_READS


def under_strace(file: Path) -> Sequence[str | Path]:
    """What is put in front of a command, so that its calls are written to `file`.

    Its children are followed, and it dies with strace. No filter of strace's own
    (`--seccomp-bpf`), which would hide what the program's filter refuses.
    """
    traced = ",".join([BY_NAME, *(f"?{name}" for name in BY_DESCRIPTOR)])
    strace = ("strace", "-f", "-qq", "-e", f"trace={traced}", "-e", "signal=none", "-o", file, "--")
    return (*strace, "setpriv", "--pdeathsig", "KILL")


def pid_in(file: Path) -> int:
    """The process that strace has started."""
    return int(file.read_text(encoding="utf-8").split(maxsplit=1)[0])


def writing_since_ready(file: Path) -> list[Call]:
    """The calls that could have written, from the moment at which the program said `READY`.

    Left out is what wakes its own event loop: bytes into a pair of sockets that it made before.

    Raises:
        ValueError: if it never said so.
    """
    calls = list(_calls(file.read_text(encoding="utf-8")))
    # The text itself is hidden from a strace that is not root: the process is not dumpable then.
    ready = re.compile(rf"1, .*, {len(READY)}\) += {len(READY)}")
    said = [at for at, call in enumerate(calls) if call.name == "write" and ready.match(call.told)]
    if not said:
        raise ValueError("the program never said that it is ready")
    own_pairs = set(_socketpairs(calls[: said[0]]))
    return [
        call
        for call in calls[said[0] + 1 :]
        if call.could_write and not (call.name == "write" and call.descriptor in own_pairs)
    ]


def _calls(text: str) -> Iterator[Call]:
    for line in text.splitlines():
        # A line that resumes a call has its name behind `<...`: its first half counts already.
        if found := _CALL.match(line):
            yield Call(found[2], found[3])


def _socketpairs(calls: Sequence[Call]) -> Iterator[str]:
    for call in calls:
        if call.name == "socketpair":
            yield from re.findall(r"\[(\d+), (\d+)\]", call.told)[0]
