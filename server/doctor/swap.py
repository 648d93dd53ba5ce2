"""Checks whether memory can reach a disk: by swap, by hibernation, or in a crash of the kernel.

No part of this program locks its memory (mlock): the kernel may move any of it to swap.

Source: proc(5), `/proc/swaps`; Linux, `Documentation/admin-guide/cgroup-v2.rst` (memory.swap.max),
`blockdev/zram.rst` (backing_dev), `kdump/kdump.rst`; systemd.special(7), hibernate.target.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePosixPath

from .findings import Finding, State
from .machine import Machine, Pid

SWAP, HIBERNATION, CRASH_KERNEL = "swap", "hibernation", "crash kernel"

SWAP_HINT = (
    "sudo swapoff -a, and remove its line from /etc/fstab; or start the server without swap:"
    " systemd-run --user --scope -p MemorySwapMax=0 sottovoce up"
)
HIBERNATING = ("hibernate.target", "hybrid-sleep.target", "suspend-then-hibernate.target")


def check_swap(machine: Machine, pids: Iterable[Pid]) -> Finding:
    """Find whether the memory of these processes can be swapped to a disk."""
    listed = machine.text("proc/swaps")
    if listed is None:
        return Finding(SWAP, State.UNKNOWN, "/proc/swaps cannot be read")
    areas = [line.split()[0] for line in listed.splitlines()[1:] if line.strip()]
    disks = [area for area in areas if not _stays_in_memory(machine, area)]
    if not areas:
        return Finding(SWAP, State.HOLDS, "no swap is on")
    if not disks:
        return Finding(SWAP, State.HOLDS, "swap is compressed memory (zram) and reaches no disk")
    swap_on = f"swap is on ({', '.join(disks)})"
    if all(_may_not_swap(machine, pid) for pid in pids):
        return Finding(SWAP, State.HOLDS, f"{swap_on}, but the control group here may not use it")
    return Finding(
        SWAP, State.FAILS, f"{swap_on}: messages in memory may be written to disk", SWAP_HINT
    )


def _stays_in_memory(machine: Machine, area: str) -> bool:
    name = PurePosixPath(area).name
    if not name.startswith("zram"):
        return False
    # Pages that zram cannot compress well go to its backing device, if it has one.
    return machine.text(f"sys/block/{name}/backing_dev") in {None, "none"}


def _may_not_swap(machine: Machine, pid: Pid) -> bool:
    """Whether the control group of a process, or a parent of it, may not use swap."""
    lines = (machine.text(f"proc/{pid}/cgroup") or "").splitlines()
    unified = [line.removeprefix("0::/") for line in lines if line.startswith("0::/")]
    if not unified:
        return False
    group = PurePosixPath("sys/fs/cgroup") / unified[0]
    return any(
        machine.text(str(above / "memory.swap.max")) == "0" for above in (group, *group.parents)
    )


def check_hibernation(machine: Machine) -> Finding:
    """Find whether this machine can write its whole memory to a disk to hibernate."""
    can_hibernate = "disk" in (machine.text("sys/power/state") or "").split()
    resume_device = machine.text("sys/power/resume") or "0:0"
    if not can_hibernate or resume_device == "0:0":
        return Finding(HIBERNATION, State.HOLDS, "this machine does not hibernate")
    if all(_is_masked(machine, unit) for unit in HIBERNATING):
        return Finding(HIBERNATION, State.HOLDS, "hibernation is masked")
    return Finding(
        HIBERNATION,
        State.NOTED,
        f"this machine may hibernate: all its memory is then written to disk {resume_device}",
        f"sudo systemctl mask {' '.join(HIBERNATING)}",
    )


def _is_masked(machine: Machine, unit: str) -> bool:
    try:
        return os.readlink(machine.root / "etc/systemd/system" / unit) == os.devnull
    except OSError:
        return False


def check_crash_kernel(machine: Machine) -> Finding:
    """Find whether a crash of the kernel would leave an image of all memory on a disk."""
    if machine.text("sys/kernel/kexec_crash_loaded") != "1":
        return Finding(CRASH_KERNEL, State.HOLDS, "no crash kernel is loaded")
    return Finding(
        CRASH_KERNEL,
        State.NOTED,
        "a crash kernel is loaded: if the kernel crashes, all memory is written to disk",
        "sudo systemctl disable --now kdump-tools, then restart the machine",
    )
