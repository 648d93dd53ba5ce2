"""Filters system calls in the kernel, for this process and all that it starts. It cannot be undone.

The kernel runs the filter before each system call (classic BPF over `struct seccomp_data`). Calls
of another architecture are refused. The listed calls pass; two pass with some arguments only. All
other calls are refused, including those of later kernels. A refused call fails with EPERM, so that
a bug shows as an exception and does not kill the server.

    ioctl    may make a connection non-blocking, and ask whether a file is a terminal
    prctl    may ask whether the process can be dumped; may not change it

Source: `include/uapi/linux/seccomp.h`, `bpf_common.h`, `filter.h`, `prctl.h`; seccomp(2);
`asm-generic/ioctls.h`.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from server.core.errors import OperatorError

from .libc import libc
from .syscalls import ARCHITECTURES, Architecture

SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_TSYNC = 1
"""Apply the filter to every thread of the process, or to none."""

RET_ALLOW = 0x7FFF0000
RET_REFUSE = 0x00050000 | errno.EPERM

LOAD_WORD = 0x20
JUMP_EQUAL = 0x15
RETURN = 0x06

OFFSET_NR, OFFSET_ARCH = 0, 4
"""Offsets of fields in `struct seccomp_data`."""

OFFSET_ARGUMENTS = 16
"""Each has eight bytes. The lower four come first; the kernel uses only these in these calls."""

FIONBIO, TCGETS = 0x5421, 0x5401
PR_GET_DUMPABLE = 3

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false (both relative to the next instruction), operand."""

LabelledInstruction = tuple[int, str, str, int]
"""The same with labels to jump to; an empty label is the next instruction."""


def build_filter(architecture: Architecture) -> list[Instruction]:
    """Build the filter for one architecture."""
    labelled: list[tuple[str, LabelledInstruction]] = [
        ("", (LOAD_WORD, "", "", OFFSET_ARCH)),
        ("", (JUMP_EQUAL, "", "refuse", architecture.audit_arch)),
        ("", (LOAD_WORD, "", "", OFFSET_NR)),
        ("", (JUMP_EQUAL, "ioctl", "", architecture.ioctl)),
        ("", (JUMP_EQUAL, "prctl", "", architecture.prctl)),
        *(("", (JUMP_EQUAL, "allow", "", number)) for number in architecture.allowed.values()),
        # No listed number matched.
        ("", (JUMP_EQUAL, "refuse", "refuse", 0)),
        ("ioctl", (LOAD_WORD, "", "", _argument(1))),
        ("", (JUMP_EQUAL, "allow", "", FIONBIO)),
        ("", (JUMP_EQUAL, "allow", "refuse", TCGETS)),
        ("prctl", (LOAD_WORD, "", "", _argument(0))),
        ("", (JUMP_EQUAL, "allow", "refuse", PR_GET_DUMPABLE)),
        ("allow", (RETURN, "", "", RET_ALLOW)),
        ("refuse", (RETURN, "", "", RET_REFUSE)),
    ]
    labels = {name: index for index, (name, _) in enumerate(labelled) if name}
    return [
        (code, _jump(labels, yes, index), _jump(labels, no, index), operand)
        for index, (_, (code, yes, no, operand)) in enumerate(labelled)
    ]


def _argument(number: int) -> int:
    return OFFSET_ARGUMENTS + 8 * number


def _jump(labels: dict[str, int], name: str, index: int) -> int:
    """Return the relative jump to a label, which is always further down."""
    return labels[name] - index - 1 if name else 0


def refuse_calls() -> None:
    """Install the filter. The process must have given up new privileges before.

    Raises:
        OperatorError: if this architecture or its kernel cannot.
    """
    architecture = ARCHITECTURES.get(platform.machine())
    if architecture is None:
        raise OperatorError(f"no list of system calls for {platform.machine()} machines")
    instructions = build_filter(architecture)
    raw = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    filter_ = ctypes.create_string_buffer(raw, len(raw))
    # `struct sock_fprog`: number of instructions, and their address.
    fprog = struct.pack("@HP", len(instructions), ctypes.addressof(filter_))
    flags = SECCOMP_FILTER_FLAG_TSYNC
    if libc.syscall(architecture.seccomp, SECCOMP_SET_MODE_FILTER, flags, fprog) != 0:
        reason = errno.errorcode.get(ctypes.get_errno(), "unknown")
        raise OperatorError(f"the kernel rejects the filter of system calls: {reason}")
