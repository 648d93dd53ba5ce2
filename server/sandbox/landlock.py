"""Lets this process open nothing but what it may read, where the kernel has Landlock.

What is open stays open. After it the process can read only the program itself, and remove nothing
but the files of its own sockets when it ends. Landlock does not govern modes, owners, times and
attributes of files, nor looking whether they are there; the filter of calls does.

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
"""The same numbers on every machine."""

CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1

READ_FILE, READ_DIR, REMOVE_FILE = 1 << 2, 1 << 3, 1 << 5

RIGHTS_BITS = {1: 13, 2: 14, 3: 15, 5: 16}
"""From which version on -> how many rights over files there are."""

NET_SINCE, SCOPES_SINCE = 4, 6
NET_RIGHTS = 0b11
"""To bind a TCP port, and to connect to one."""

SCOPES = 0b11
"""Abstract Unix sockets, and signals to other processes."""


def version() -> int:
    """Which Landlock the kernel has; 0 if it has none, or has it switched off."""
    found = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), CREATE_RULESET_VERSION)
    return max(0, int(found))


def restrict_files(readable: Iterable[Path], removable: Iterable[Path]) -> bool:
    """Let this process open only what lies beneath some folders.

    Args:
        readable: folders and files that may be read.
        removable: folders whose files may be removed.

    Returns:
        Whether the kernel has Landlock.

    Raises:
        OperatorError: if it has, and refuses.
    """
    has = version()
    if not has:
        return False
    ruleset = _create(has)
    try:
        for path in readable:
            _allow(ruleset, path, READ_FILE | (READ_DIR if path.is_dir() else 0))
        for path in removable:
            _allow(ruleset, path, READ_DIR | REMOVE_FILE)
        _check(libc.syscall(RESTRICT_SELF, ruleset, 0), "to restrict itself")
    finally:
        os.close(ruleset)
    return True


def _create(has: int) -> int:
    bits = max(bits for since, bits in RIGHTS_BITS.items() if has >= since)
    fields = [(1 << bits) - 1]
    if has >= NET_SINCE:
        fields.append(NET_RIGHTS)
    if has >= SCOPES_SINCE:
        fields.append(SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    return _check(libc.syscall(CREATE_RULESET, attributes, size, 0), "a set of rules")


def _allow(ruleset: int, path: Path, rights: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, folder)
        _check(libc.syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0), f"a rule for {path}")
    finally:
        os.close(folder)


def _check(result: int, what: str) -> int:
    if result < 0:
        reason = os.strerror(ctypes.get_errno()).lower()
        raise OperatorError(f"Landlock refused {what}: {reason}")
    return result
