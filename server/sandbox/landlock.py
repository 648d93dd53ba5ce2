"""Restricts the files that this process may open, if the kernel has Landlock.

Open files stay open. Afterwards the process can do one thing with a file: remove those of its own
sockets when it ends. Landlock does not control modes, owners, times and attributes of files, nor
checks for existence; the filter of system calls does, and it refuses to open any file as well.

Source: Linux, `Documentation/userspace-api/landlock.rst` and `include/uapi/linux/landlock.h`.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from server.core.errors import OperatorError

from .libc import libc

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""System call numbers; the same on every architecture."""

CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1

REMOVE_FILE = 1 << 5

RIGHTS_BITS = {1: 13, 2: 14, 3: 15, 5: 16}
"""Landlock ABI version -> number of file rights from that version on."""

NET_SINCE, SCOPES_SINCE = 4, 6
NET_RIGHTS = 0b11
"""To bind a TCP port, and to connect to one."""

SCOPES = 0b11
"""Abstract Unix sockets, and signals to other processes."""


def version() -> int:
    """Return the kernel's Landlock ABI version; 0 if it has none, or Landlock is disabled."""
    answer = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), CREATE_RULESET_VERSION)
    return max(0, int(answer))


def restrict_files(removable: Iterable[Path]) -> bool:
    """Let this process open no file.

    Args:
        removable: folders whose files it may remove.

    Returns:
        Whether the kernel has Landlock.

    Raises:
        OperatorError: if it has Landlock, and refuses.
    """
    abi = version()
    if not abi:
        return False
    ruleset = _create_ruleset(abi)
    try:
        for path in removable:
            _add_rule(ruleset, path, REMOVE_FILE)
        _check(libc.syscall(RESTRICT_SELF, ruleset, 0), "to restrict the process")
    finally:
        os.close(ruleset)
    return True


def _create_ruleset(abi: int) -> int:
    bits = max(bits for since, bits in RIGHTS_BITS.items() if abi >= since)
    fields = [(1 << bits) - 1]
    if abi >= NET_SINCE:
        fields.append(NET_RIGHTS)
    if abi >= SCOPES_SINCE:
        fields.append(SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    return _check(libc.syscall(CREATE_RULESET, attributes, size, 0), "to create a ruleset")


def _add_rule(ruleset: int, path: Path, rights: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, folder)
        _check(libc.syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0), f"a rule for {path}")
    finally:
        os.close(folder)


def _check(result: int, what: str) -> int:
    if result < 0:
        reason = os.strerror(ctypes.get_errno()).lower()
        raise OperatorError(f"landlock refused {what}: {reason}")
    return result
