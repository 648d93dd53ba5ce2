"""Refuses system calls, for this process and whatever it starts, for ever: a filter in the kernel.

The program that the kernel runs before each system call (classic BPF over `struct seccomp_data`):
another architecture's calls are refused, those of x32 too, then the listed ones; all others pass.
A refused call fails with EPERM, so that a bug shows as an exception and not as a dead house.

Source: `include/uapi/linux/seccomp.h`, `bpf_common.h`, `filter.h`; seccomp(2).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from server.core.errors import OperatorError

from .libc import libc
from .syscalls import MACHINES, X32_BIT, Machine

SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_TSYNC = 1
"""For every thread of the process, or for none."""

RET_ALLOW = 0x7FFF0000
RET_REFUSE = 0x00050000 | errno.EPERM

LOAD_WORD = 0x20
JUMP_EQUAL = 0x15
JUMP_AT_LEAST = 0x35
RETURN = 0x06

OFFSET_NR, OFFSET_ARCH = 0, 4
"""Of the fields of `struct seccomp_data`."""

Step = tuple[int, int, int, int]
"""Code, where to go if true, where to go if false (both counted from the next step), operand."""


def program(machine: Machine) -> list[Step]:
    """The filter for one kind of machine."""
    numbers = list(machine.refused.values())
    tests: list[tuple[int, int]] = [(JUMP_EQUAL, number) for number in numbers]
    if machine.has_x32:
        tests.insert(0, (JUMP_AT_LEAST, X32_BIT))
    # Behind the tests stand "allow" and "refuse"; each test jumps over what is left of it.
    steps: list[Step] = [
        (LOAD_WORD, 0, 0, OFFSET_ARCH),
        (JUMP_EQUAL, 0, len(tests) + 2, machine.audit_arch),
        (LOAD_WORD, 0, 0, OFFSET_NR),
    ]
    steps += [(code, len(tests) - place, 0, operand) for place, (code, operand) in enumerate(tests)]
    return [*steps, (RETURN, 0, 0, RET_ALLOW), (RETURN, 0, 0, RET_REFUSE)]


def refuse_calls() -> None:
    """Let this process, which may gain no privileges, make no more of the listed system calls.

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
