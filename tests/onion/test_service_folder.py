"""The folder of a service is made from its key, private, and gone after the run."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from onion.errors import FolderError
from onion.keyfile import load_or_create_key
from onion.keys import ServiceKey
from onion.service_folder import PREFIX, Place, service_folder
from tests.onion.launch.test_process import ROOT, dies_within
from tests.onion.launch.test_run_folder import cleaner_of

from .test_address import VECTORS


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def within(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def test_folder_and_key_are_private_and_removed_afterwards(tmp_path: Path) -> None:
    async with service_folder(Place(tmp_path), ServiceKey.generate()) as folder:
        (key,) = within(folder)
        assert (mode_of(folder), mode_of(key)) == (0o700, 0o600)
        assert within(tmp_path) == [folder]
    assert within(tmp_path) == []


@pytest.mark.parametrize("service", VECTORS["services"], ids=lambda s: s["address"][:8])
async def test_key_is_written_as_tor_writes_it(tmp_path: Path, service: dict[str, str]) -> None:
    content = bytes.fromhex(service["key_file"])
    async with service_folder(Place(tmp_path), ServiceKey(content[32:])) as folder:
        assert (folder / "hs_ed25519_secret_key").read_bytes() == content


async def test_folder_that_a_power_cut_left_is_removed(tmp_path: Path) -> None:
    old = tmp_path / f"{PREFIX}old"
    old.mkdir()
    (old / "hs_ed25519_secret_key").write_bytes(b"old")
    async with service_folder(Place(tmp_path), ServiceKey.generate()) as folder:
        assert within(tmp_path) == [folder]
        assert folder != old


async def test_what_others_have_put_there_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / f"{PREFIX}old"
    old.mkdir()
    monkeypatch.setattr("os.geteuid", lambda: old.stat().st_uid + 1)
    assert Place(tmp_path).left_behind() == []
    async with service_folder(Place(tmp_path), ServiceKey.generate()):
        assert old.is_dir()


async def test_folder_is_removed_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        async with service_folder(Place(tmp_path), ServiceKey.generate()):
            raise KeyError
    assert within(tmp_path) == []


async def test_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="cannot write"):
        async with service_folder(Place(tmp_path / "nowhere"), ServiceKey.generate()):
            pass


PARENT = """
import asyncio, sys
from pathlib import Path
from onion import Place, load_or_create_key, memory_place
from onion.service_folder import service_folder
async def main(top, where):
    key = load_or_create_key(top / "onion.key")
    place = memory_place(top) if where == "memory" else Place(top)
    async with service_folder(place, key) as folder:
        print(folder, flush=True)
        await asyncio.Event().wait()
asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["disk", "memory"])
def test_killed_program_leaves_the_key_file_alone(tmp_path: Path, where: str) -> None:
    top = tmp_path / "server"
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(top), where],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as parent:
        assert parent.stdout is not None
        folder = Path(parent.stdout.readline().strip())
        try:
            cleaner = cleaner_of(folder)
            assert (folder.is_dir(), folder.parent == top) == (True, where == "disk")
        finally:
            parent.kill()
        assert dies_within(cleaner, 20)
    assert (within(top), folder.exists()) == ([top / "onion.key"], False)
    assert load_or_create_key(top / "onion.key").address
