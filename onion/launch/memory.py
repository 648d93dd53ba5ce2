"""Finds where tor's copy of a key can be in memory only, so that no disk ever has it in the clear.

The pages of such a file system can go to swap, as any memory can.

Source: proc_pid_mountinfo(5); tmpfs(5).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from onion.errors import FolderError, folder_error
from onion.service_folder import Place

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (checked, and only a new folder of our own is used)
IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_MOUNTS = Path("/proc/self/mountinfo")


def memory_place(folder: Path, parent: Path = SHARED_MEMORY) -> Place:
    """Return where the service of `folder` has tor's copy of its key in memory.

    Every user of the machine can list the names there. So they are made from the path of `folder`,
    and tell nothing about the address.

    Args:
        folder: of the server.
        parent: a folder of a file system in memory.

    Raises:
        FolderError: if `parent` is not in memory, or cannot be used.
    """
    kind = _file_system(parent)
    if kind not in IN_MEMORY:
        raise FolderError(
            parent,
            f"a sealed key needs a file system in memory there (tmpfs), and it is {kind}",
            hint=f"mount -t tmpfs tmpfs {parent}, as root; or do without: sottovoce keys open",
        )
    return Place(parent, memory_prefix(folder))


def left_in_memory(folder: Path) -> list[Path]:
    """Return the copies of the key of `folder` that are in memory: one, while its server runs."""
    return Place(SHARED_MEMORY, memory_prefix(folder)).left_behind()


def memory_prefix(folder: Path) -> str:
    """Return the beginning of the names that the service of `folder` uses in memory."""
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()
    return f"sottovoce-{digest[:16]}-"


def _file_system(parent: Path) -> str:
    """Return the type of a file system; see the fields 3 and 9 of mountinfo."""
    try:
        device = parent.stat().st_dev
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise folder_error(parent, error) from None
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in lines:
        mount, _, source = line.partition(" - ")
        if mount.split()[2] == number:
            return source.split()[0]
    return "of an unknown type"
