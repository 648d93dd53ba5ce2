"""Swap, hibernation and crash kernels: whatever could write memory to a disk is reported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from server.doctor.findings import State
from server.doctor.swap import HIBERNATING, check_crash_kernel, check_hibernation, check_swap

from .fake_machine import SWAP_HEAD, make_machine

DISK = f"{SWAP_HEAD}/dev/sda2                               partition\t999420\t\t0\t\t-2\n"
FILE = f"{SWAP_HEAD}/swapfile                               file\t\t999420\t\t0\t\t-2\n"
ZRAM = f"{SWAP_HEAD}/dev/zram0                              partition\t999420\t\t0\t\t100\n"
GROUP = "user.slice/run-1.scope"


@pytest.mark.checklist(25)
@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"proc/swaps": SWAP_HEAD}, State.HOLDS),
        ({"proc/swaps": DISK}, State.FAILS),
        ({"proc/swaps": FILE}, State.FAILS),
        ({"proc/swaps": ZRAM}, State.HOLDS),
        ({"proc/swaps": ZRAM, "sys/block/zram0/backing_dev": "none\n"}, State.HOLDS),
        ({"proc/swaps": ZRAM, "sys/block/zram0/backing_dev": "/dev/sda2\n"}, State.FAILS),
        ({"proc/swaps": ZRAM + DISK.removeprefix(SWAP_HEAD)}, State.FAILS),
        ({}, State.UNKNOWN),
    ],
)
def test_swap_that_reaches_a_disk_fails(
    tmp_path: Path, files: Mapping[str, str], state: State
) -> None:
    assert check_swap(make_machine(tmp_path, files), ["self"]).state is state


def test_active_swap_is_named_with_a_hint(tmp_path: Path) -> None:
    found = check_swap(make_machine(tmp_path, {"proc/swaps": DISK}), ["self"])
    assert "/dev/sda2" in found.sentence
    assert "messages in memory may be written to disk" in found.sentence
    assert "sudo swapoff -a" in found.hint
    assert "/etc/fstab" in found.hint


@pytest.mark.checklist(25)
@pytest.mark.parametrize(
    ("allowed", "state"),
    [
        ({GROUP: "0"}, State.HOLDS),
        ({"user.slice": "0", GROUP: "max"}, State.HOLDS),
        ({GROUP: "max"}, State.FAILS),
        ({GROUP: "1048576"}, State.FAILS),
        ({"user.slice/other.scope": "0"}, State.FAILS),
        ({}, State.FAILS),
    ],
)
def test_swap_holds_if_the_control_group_may_not_use_it(
    tmp_path: Path, allowed: Mapping[str, str], state: State
) -> None:
    files = {"proc/swaps": DISK, "proc/7/cgroup": f"4:memory:/old\n0::/{GROUP}\n"}
    files |= {f"sys/fs/cgroup/{group}/memory.swap.max": text for group, text in allowed.items()}
    assert check_swap(make_machine(tmp_path, files), [7]).state is state


def test_every_process_of_the_server_must_be_kept_from_swap(tmp_path: Path) -> None:
    files = {
        "proc/swaps": DISK,
        "proc/7/cgroup": "0::/server\n",
        "proc/8/cgroup": "0::/elsewhere\n",
        "sys/fs/cgroup/server/memory.swap.max": "0\n",
    }
    assert check_swap(make_machine(tmp_path, files), [7]).state is State.HOLDS
    assert check_swap(make_machine(tmp_path, files), [7, 8]).state is State.FAILS


HIBERNATES = {"sys/power/state": "freeze mem disk\n", "sys/power/resume": "8:2\n"}


@pytest.mark.parametrize(
    ("files", "state"),
    [
        (HIBERNATES, State.NOTED),
        (HIBERNATES | {"sys/power/state": "freeze mem\n"}, State.HOLDS),
        (HIBERNATES | {"sys/power/resume": "0:0\n"}, State.HOLDS),
        ({}, State.HOLDS),
    ],
)
def test_hibernation_is_noted_if_it_has_a_disk_to_write_to(
    tmp_path: Path, files: Mapping[str, str], state: State
) -> None:
    assert check_hibernation(make_machine(tmp_path, files)).state is state


def test_following_the_hint_fixes_hibernation(tmp_path: Path) -> None:
    machine = make_machine(tmp_path, HIBERNATES)
    masked = check_hibernation(machine).hint.removeprefix("sudo systemctl mask ").split()
    assert set(masked) == set(HIBERNATING)
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    for unit in masked:
        assert check_hibernation(machine).state is State.NOTED
        os.symlink(os.devnull, units / unit)
    assert check_hibernation(machine).state is State.HOLDS


@pytest.mark.parametrize(("text", "state"), [("1\n", State.NOTED), ("0\n", State.HOLDS)])
def test_loaded_crash_kernel_is_noted(tmp_path: Path, text: str, state: State) -> None:
    machine = make_machine(tmp_path, {"sys/kernel/kexec_crash_loaded": text})
    assert check_crash_kernel(machine).state is state
