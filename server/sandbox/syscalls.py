"""The system calls that the web process may make once it serves, for each known architecture.

Only one of them takes the name of a file: `unlinkat`, by which the process removes the files of its
sockets at its end. None opens a file, reads a link, lists a folder, or asks what a name stands for.
`fstat` asks about an open descriptor only; `newfstatat` and `statx` do the same with an empty name,
but a filter cannot read the name.

Source of the numbers: the kernel's headers, read at Linux 6.1: `asm/unistd_64.h` of x86,
`asm-generic/unistd.h`, `linux/audit.h`. Source of the list: what CPython 3.11 to 3.13 and glibc
call while the server runs (strace), and their close relatives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Architecture:
    """The values that differ between architectures."""

    audit_arch: int
    """The architecture's number in seccomp."""

    seccomp: int
    """The number of `seccomp(2)` itself."""

    ioctl: int
    """Allowed for two commands."""

    prctl: int
    """Allowed for one question."""

    allowed: Mapping[str, int]
    """Name of a system call -> its number. All others are refused."""


X86_64 = Architecture(
    audit_arch=0xC000003E,
    seccomp=317,
    ioctl=16,
    prctl=157,
    allowed={
        # Open files and connections.
        "read": 0,
        "write": 1,
        "readv": 19,
        "writev": 20,
        "pread64": 17,
        "lseek": 8,
        "close": 3,
        "fstat": 5,
        "unlinkat": 263,
        # Incoming connections.
        "accept4": 288,
        "listen": 50,
        "recvfrom": 45,
        "sendto": 44,
        "sendmsg": 46,
        "shutdown": 48,
        "getsockname": 51,
        "getpeername": 52,
        "getsockopt": 55,
        "epoll_ctl": 233,
        "epoll_wait": 232,
        "epoll_pwait": 281,
        # Memory.
        "mmap": 9,
        "mprotect": 10,
        "munmap": 11,
        "brk": 12,
        "mremap": 25,
        "madvise": 28,
        # Signals to itself, time, random bytes, its ids, its exit.
        "rt_sigaction": 13,
        "rt_sigprocmask": 14,
        "rt_sigreturn": 15,
        "sigaltstack": 131,
        "restart_syscall": 219,
        "futex": 202,
        "sched_yield": 24,
        "rseq": 334,
        "clock_gettime": 228,
        "clock_getres": 229,
        "clock_nanosleep": 230,
        "nanosleep": 35,
        "gettimeofday": 96,
        "getrandom": 318,
        "getpid": 39,
        "gettid": 186,
        "getuid": 102,
        "geteuid": 107,
        "getgid": 104,
        "getegid": 108,
        "exit": 60,
        "exit_group": 231,
    },
)

AARCH64 = Architecture(
    audit_arch=0xC00000B7,
    seccomp=277,
    ioctl=29,
    prctl=167,
    allowed={
        # Open files and connections.
        "read": 63,
        "write": 64,
        "readv": 65,
        "writev": 66,
        "pread64": 67,
        "lseek": 62,
        "close": 57,
        "fstat": 80,
        "unlinkat": 35,
        # Incoming connections.
        "accept4": 242,
        "listen": 201,
        "recvfrom": 207,
        "sendto": 206,
        "sendmsg": 211,
        "shutdown": 210,
        "getsockname": 204,
        "getpeername": 205,
        "getsockopt": 209,
        "epoll_ctl": 21,
        "epoll_pwait": 22,
        # Memory.
        "mmap": 222,
        "mprotect": 226,
        "munmap": 215,
        "brk": 214,
        "mremap": 216,
        "madvise": 233,
        # Signals to itself, time, random bytes, its ids, its exit.
        "rt_sigaction": 134,
        "rt_sigprocmask": 135,
        "rt_sigreturn": 139,
        "sigaltstack": 132,
        "restart_syscall": 128,
        "futex": 98,
        "sched_yield": 124,
        "rseq": 293,
        "clock_gettime": 113,
        "clock_getres": 114,
        "clock_nanosleep": 115,
        "nanosleep": 101,
        "gettimeofday": 169,
        "getrandom": 278,
        "getpid": 172,
        "gettid": 178,
        "getuid": 174,
        "geteuid": 175,
        "getgid": 176,
        "getegid": 177,
        "exit": 93,
        "exit_group": 94,
    },
)

ARCHITECTURES: Mapping[str, Architecture] = {"x86_64": X86_64, "aarch64": AARCH64}
"""Machine name as in `uname` -> the architecture."""
