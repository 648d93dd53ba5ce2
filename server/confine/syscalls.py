"""Which system calls the web process does without, by number, for the machines that it knows.

Source: the kernel's headers, read at Linux 6.1: `asm/unistd_64.h` of x86, `asm-generic/unistd.h`,
`linux/audit.h`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

X32_BIT = 0x40000000
"""Numbers from here on are the calls of x32, another table of the same machine."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What is different from one kind of machine to another."""

    audit_arch: int
    """How seccomp calls it."""

    seccomp: int
    """The number of `seccomp(2)` itself."""

    has_x32: bool
    refused: Mapping[str, int]
    """Name of a system call -> its number here."""


X86_64 = Machine(
    audit_arch=0xC000003E,
    seccomp=317,
    has_x32=True,
    refused={
        # A socket or a connection of any family; io_uring makes them without these calls.
        "socket": 41,
        "socketpair": 53,
        "connect": 42,
        "bind": 49,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        # What another process has open, or in its memory.
        "pidfd_getfd": 438,
        "ptrace": 101,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "kcmp": 312,
        "perf_event_open": 298,
        # Another program, another view of the system, the kernel's own doors.
        "execve": 59,
        "execveat": 322,
        "unshare": 272,
        "setns": 308,
        "mount": 165,
        "umount2": 166,
        "pivot_root": 155,
        "open_by_handle_at": 304,
        "bpf": 321,
        "userfaultfd": 323,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "init_module": 175,
        "kexec_load": 246,
    },
)

AARCH64 = Machine(
    audit_arch=0xC00000B7,
    seccomp=277,
    has_x32=False,
    refused={
        "socket": 198,
        "socketpair": 199,
        "connect": 203,
        "bind": 200,
        "io_uring_setup": 425,
        "io_uring_enter": 426,
        "io_uring_register": 427,
        "pidfd_getfd": 438,
        "ptrace": 117,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "kcmp": 272,
        "perf_event_open": 241,
        "execve": 221,
        "execveat": 281,
        "unshare": 97,
        "setns": 268,
        "mount": 40,
        "umount2": 39,
        "pivot_root": 41,
        "open_by_handle_at": 265,
        "bpf": 280,
        "userfaultfd": 282,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "init_module": 105,
        "kexec_load": 104,
    },
)

MACHINES: Mapping[str, Machine] = {"x86_64": X86_64, "aarch64": AARCH64}
"""What `uname` calls it -> the machine."""
