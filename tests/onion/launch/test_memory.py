"""tor's copy of a sealed key is in a file system in memory, or nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onion.errors import FolderError
from onion.keys import ServiceKey
from onion.launch import memory
from onion.launch.memory import SHARED_MEMORY, left_in_memory, memory_place, memory_prefix
from onion.service_folder import service_folder


def mounts(folder: Path, kind: str) -> str:
    """Return the line of mountinfo for the file system that holds a folder."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    return f"36 35 {number} / {folder} rw,noatime master:1 - {kind} source rw\n"


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list of mounts, in place of that of this machine."""
    monkeypatch.setattr(memory, "_MOUNTS", tmp_path / "mountinfo")
    return tmp_path / "mountinfo"


async def test_copy_is_in_memory_and_private_and_removed_afterwards(tmp_path: Path) -> None:
    place = memory_place(tmp_path)
    assert (place.parent, left_in_memory(tmp_path)) == (SHARED_MEMORY, [])
    async with service_folder(place, ServiceKey.generate()) as folder:
        assert left_in_memory(tmp_path) == [folder]
        assert folder.parent == SHARED_MEMORY
        assert folder.stat().st_mode & 0o777 == 0o700
        assert str(folder).isascii()
    assert left_in_memory(tmp_path) == []
    assert os.listdir(tmp_path) == [], "nothing was written below the server's folder"


@pytest.mark.parametrize("kind", ["tmpfs", "ramfs"])
def test_file_system_in_memory_is_taken(tmp_path: Path, listed: Path, kind: str) -> None:
    listed.write_text(mounts(tmp_path, kind))
    assert memory_place(tmp_path, tmp_path).parent == tmp_path


@pytest.mark.parametrize("kind", ["ext4", "overlay", "tmpfsx", "fuse.tmpfs"])
def test_disk_is_refused(tmp_path: Path, listed: Path, kind: str) -> None:
    listed.write_text(mounts(tmp_path, kind))
    with pytest.raises(FolderError, match=f"and it is {kind}$") as refused:
        memory_place(tmp_path, tmp_path)
    assert "mount -t tmpfs" in refused.value.hint


def test_unknown_file_system_and_missing_folder_are_refused(tmp_path: Path, listed: Path) -> None:
    listed.write_text("")
    with pytest.raises(FolderError, match="of an unknown type"):
        memory_place(tmp_path, tmp_path)
    with pytest.raises(FolderError, match="no such file"):
        memory_place(tmp_path, tmp_path / "nowhere")


def test_names_of_two_servers_differ_and_one_server_has_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert memory_prefix(tmp_path / "a") == memory_prefix(tmp_path / "link")
    assert memory_prefix(tmp_path / "a") != memory_prefix(tmp_path / "b")
