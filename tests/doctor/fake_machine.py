"""Fake machines: folders with the files of `/proc` and `/sys`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from server.doctor.machine import Machine

SANDBOXED = (
    "Name:\tpython3\nPPid:\t{parent}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
    "NoNewPrivs:\t1\nSeccomp:\t2\n"
)
OPEN = SANDBOXED.replace("NoNewPrivs:\t1\nSeccomp:\t2", "NoNewPrivs:\t0\nSeccomp:\t0")

SWAP_HEAD = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
TCP_HEAD = (
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
    "  timeout inode\n"
)


def make_machine(
    root: Path, files: Mapping[str, str], environ: Mapping[str, str] | None = None
) -> Machine:
    """Write files below a folder and return a machine with that root."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Machine(root, environ or {})


def limits(core: str) -> str:
    """Return the text of a process's `limits` with this soft limit for core files."""
    return (
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max cpu time              unlimited            unlimited            seconds   \n"
        f"Max core file size        {core:20} unlimited            bytes     \n"
    )


def listening(port: int, *, uid: int, inode: int, state: str = "0A") -> str:
    """Return a line of `/proc/net/tcp`."""
    return (
        f"   0: 0100007F:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000"
        f" 00000000 {uid:5}        0 {inode} 1 0000000000000000 100 0 0 10 0\n"
    )


def add_sockets(root: Path, pid: int, *inodes: int) -> None:
    """Create the `/proc` entries of a process's open sockets and of one open file."""
    folder = root / f"proc/{pid}/fd"
    folder.mkdir(parents=True)
    os.symlink("/dev/null", folder / "0")
    for number, inode in enumerate(inodes, start=3):
        os.symlink(f"socket:[{inode}]", folder / str(number))
