"""Refuses system calls, for this process and whatever it starts, for ever: a filter in the kernel.

The program that the kernel runs before each system call (classic BPF over `struct seccomp_data`):
another architecture's calls are refused; the listed ones pass; three pass with some arguments only;
all others are refused, those that a later kernel will have too. A refused call fails with EPERM, so
that a bug shows as an exception and not as a dead house.

    openat   to read what is there; not to write, make or cut anything
    ioctl    to make a connection not block, and to ask whether something is a terminal
    prctl    to ask whether the process can be dumped; not to change it

Source: `include/uapi/linux/seccomp.h`, `bpf_common.h`, `filter.h`, `prctl.h`, `asm-generic/fcntl.h`
and `ioctls.h`; seccomp(2).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from server.core.errors import OperatorError

from .libc import libc
from .syscalls import MACHINES, Machine

SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_TSYNC = 1
"""For every thread of the process, or for none."""

RET_ALLOW = 0x7FFF0000
RET_REFUSE = 0x00050000 | errno.EPERM

LOAD_WORD = 0x20
JUMP_EQUAL = 0x15
JUMP_ANY_BIT = 0x45
RETURN = 0x06

OFFSET_NR, OFFSET_ARCH = 0, 4
"""Of the fields of `struct seccomp_data`."""

OFFSET_ARGUMENTS = 16
"""Of eight bytes each; the lower four come first, and are all that the kernel reads of these."""

WRITE_FLAGS = 0o3 | 0o100 | 0o1000 | 0o20000000
"""O_ACCMODE, O_CREAT, O_TRUNC, __O_TMPFILE: the same numbers on every machine that is known."""

FIONBIO, TCGETS = 0x5421, 0x5401
PR_GET_DUMPABLE = 3

Step = tuple[int, int, int, int]
"""Code, where to go if true, where to go if false (both counted from the next step), operand."""

Draft = tuple[int, str, str, int]
"""The same with names of places to go to; an empty one is the next step."""


def program(machine: Machine) -> list[Step]:
    """The filter for one kind of machine."""
    drafts: list[tuple[str, Draft]] = [
        ("", (LOAD_WORD, "", "", OFFSET_ARCH)),
        ("", (JUMP_EQUAL, "", "refuse", machine.audit_arch)),
        ("", (LOAD_WORD, "", "", OFFSET_NR)),
        ("", (JUMP_EQUAL, "openat", "", machine.openat)),
        ("", (JUMP_EQUAL, "ioctl", "", machine.ioctl)),
        ("", (JUMP_EQUAL, "prctl", "", machine.prctl)),
        *(("", (JUMP_EQUAL, "allow", "", number)) for number in machine.allowed.values()),
        # Whatever comes to here is none of them.
        ("", (JUMP_EQUAL, "refuse", "refuse", 0)),
        ("openat", (LOAD_WORD, "", "", _argument(2))),
        ("", (JUMP_ANY_BIT, "refuse", "allow", WRITE_FLAGS)),
        ("ioctl", (LOAD_WORD, "", "", _argument(1))),
        ("", (JUMP_EQUAL, "allow", "", FIONBIO)),
        ("", (JUMP_EQUAL, "allow", "refuse", TCGETS)),
        ("prctl", (LOAD_WORD, "", "", _argument(0))),
        ("", (JUMP_EQUAL, "allow", "refuse", PR_GET_DUMPABLE)),
        ("allow", (RETURN, "", "", RET_ALLOW)),
        ("refuse", (RETURN, "", "", RET_REFUSE)),
    ]
    places = {name: place for place, (name, _) in enumerate(drafts) if name}
    return [
        (code, _way(places, yes, at), _way(places, no, at), operand)
        for at, (_, (code, yes, no, operand)) in enumerate(drafts)
    ]


def _argument(number: int) -> int:
    return OFFSET_ARGUMENTS + 8 * number


def _way(places: dict[str, int], name: str, at: int) -> int:
    """How many steps are left out on the way to a place, which is always further down."""
    return places[name] - at - 1 if name else 0


def refuse_calls() -> None:
    """Let this process, which may gain no privileges, make the listed system calls alone.

    Raises:
        OperatorError: if this machine or its kernel cannot.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise OperatorError(f"no list of system calls for a machine of kind {platform.machine()}")
    steps = program(machine)
    raw = b"".join(struct.pack("=HBBI", *step) for step in steps)
    filter_ = ctypes.create_string_buffer(raw, len(raw))
    # `struct sock_fprog`: how many steps, and where they are.
    told = struct.pack("@HP", len(steps), ctypes.addressof(filter_))
    flags = SECCOMP_FILTER_FLAG_TSYNC
    if libc.syscall(machine.seccomp, SECCOMP_SET_MODE_FILTER, flags, told) != 0:
        reason = errno.errorcode.get(ctypes.get_errno(), "unknown")
        raise OperatorError(f"the kernel takes no filter of system calls: {reason}")
