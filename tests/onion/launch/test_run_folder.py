"""A run folder is private, and is removed after the run however the run ends."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from onion.errors import FolderError
from onion.launch.run_folder import run_folder
from tests.onion.unshared import in_small_filesystem

from .test_process import ROOT, dies_within


def cleaner_of(folder: Path) -> int:
    """Find the process whose command line contains the folder and the word `cleaner`."""
    end_s = time.monotonic() + 5
    # The parent continues in the middle of the child's exec, when its command line is still empty.
    while time.monotonic() < end_s:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = path.read_bytes().split(b"\0")
                if b"cleaner" in words and os.fsencode(folder) in words:
                    return int(path.parent.name)
    raise AssertionError("no cleaner")


async def test_folder_is_private_and_removed_afterwards() -> None:
    async with run_folder() as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "deep" / "er").mkdir(parents=True)
        (folder / "deep" / "er" / "file").write_text("x")
        cleaner = cleaner_of(folder)
    assert not folder.exists()
    assert dies_within(cleaner, 0)


async def test_folder_is_removed_after_an_error() -> None:
    with pytest.raises(KeyError):
        async with run_folder() as folder:
            raise KeyError
    assert not folder.exists()


async def test_folder_that_is_removed_early_is_no_error() -> None:
    async with run_folder() as folder:
        folder.rmdir()


async def test_cleaner_ignores_the_signals_of_a_terminal() -> None:
    async with run_folder() as folder:
        cleaner = cleaner_of(folder)
        assert os.getsid(cleaner) != os.getsid(0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            os.kill(cleaner, number)
        assert not dies_within(cleaner, 0.05)
    assert not folder.exists()


async def test_folder_is_removed_even_if_the_cleaner_was_killed() -> None:
    async with run_folder() as folder:
        os.kill(cleaner_of(folder), signal.SIGKILL)
    assert not folder.exists()


PARENT = """
import asyncio
from onion import run_folder, spawn_owned
async def main():
    async with run_folder() as folder:
        # It keeps writing until it dies, as a tor does.
        loop = f"while :; do echo x > {folder}/busy; rm {folder}/busy; done"
        child = await spawn_owned(["/bin/sh", "-c", loop])
        print(folder, flush=True)
        await child.wait()
asyncio.run(main())
"""


@pytest.mark.slow
def test_folder_is_removed_after_the_program_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        folder = Path(parent.stdout.readline().strip())
        cleaner = cleaner_of(folder)
        assert folder.is_dir()
        parent.kill()
        assert dies_within(cleaner, 20)
    assert not folder.exists()


async def test_path_too_long_for_a_socket_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 80)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with pytest.raises(FolderError, match="too long") as refused:
        async with run_folder():
            pass
    assert "TMPDIR" in refused.value.hint
    assert list(deep.iterdir()) == []


RUN = """
import asyncio, os, tempfile
tempfile.tempdir = "{folder}"
from onion import OnionError, run_folder
async def main():
    async with run_folder() as folder:
        print("made")
try:
    asyncio.run(main())
except OnionError as error:
    print(type(error).__name__, error)
print(sorted(os.listdir("{folder}")))
"""


@pytest.mark.slow
def test_too_little_disk_space_is_reported(tmp_path: Path) -> None:
    assert in_small_filesystem(tmp_path, RUN) == [
        f"DiskFullError cannot write in {tmp_path}: no space left",
        "[]",
    ]


@pytest.mark.slow
def test_disk_with_space_is_used_and_left_empty(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert in_small_filesystem(tmp_path_factory.mktemp("short"), RUN, size="64m") == ["made", "[]"]


@pytest.mark.slow
def test_read_only_disk_is_reported(tmp_path: Path) -> None:
    printed = in_small_filesystem(tmp_path, RUN, size="64m", read_only=True)
    assert printed == [f"FolderError cannot write in {tmp_path}: read-only file system", "[]"]
