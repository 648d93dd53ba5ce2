"""The key file is created once, read again, and refused when others could have read it."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from onion.errors import FolderError, KeyFileError
from onion.keyfile import load_or_create_key

from .test_address import VECTORS
from .unshared import in_small_filesystem


def make_private_folder(path: Path) -> Path:
    path.mkdir(mode=0o700)
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_new_key_is_private_and_alone_in_a_private_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"
    load_or_create_key(path)
    assert mode_of(path) == 0o600
    assert mode_of(path.parent) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_second_start_has_the_address_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "key"
    assert load_or_create_key(path).address == load_or_create_key(path).address


def test_concurrent_starts_agree_on_one_key(tmp_path: Path) -> None:
    path = make_private_folder(tmp_path / "folder") / "key"
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(load_or_create_key, [path] * 16))
    assert len({key.address for key in keys}) == 1
    assert list(path.parent.iterdir()) == [path]


def test_key_of_a_plain_tor_keeps_its_address(tmp_path: Path) -> None:
    service = VECTORS["services"][0]
    path = make_private_folder(tmp_path / "folder") / "hs_ed25519_secret_key"
    path.write_bytes(bytes.fromhex(service["key_file"]))
    path.chmod(0o600)
    assert load_or_create_key(path).address == service["address"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_key_that_others_may_read_is_refused_and_left_alone(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "folder" / "key"
    load_or_create_key(path)
    before = path.read_bytes()
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=f"{mode:04o}") as refused:
        load_or_create_key(path)
    assert "chmod 600" in refused.value.hint
    assert path.read_bytes() == before
    assert mode_of(path) == mode


def test_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "key"
    load_or_create_key(path)
    path.parent.chmod(0o750)
    with pytest.raises(KeyFileError, match="0750"):
        load_or_create_key(path)


def test_link_is_refused_wherever_it_points(tmp_path: Path) -> None:
    real = tmp_path / "real" / "key"
    load_or_create_key(real)
    link = make_private_folder(tmp_path / "folder") / "key"
    link.symlink_to(real)
    with pytest.raises(KeyFileError):
        load_or_create_key(link)
    dangling = link.with_name("dangling")
    dangling.symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyFileError):
        load_or_create_key(dangling)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_folder_or_pipe_is_refused_without_blocking(tmp_path: Path, make: object) -> None:
    path = make_private_folder(tmp_path / "folder") / "key"
    assert callable(make)
    make(path)
    with pytest.raises(KeyFileError, match="regular file"):
        load_or_create_key(path)


@pytest.mark.parametrize(
    "damage",
    [lambda raw: raw[:-1], lambda raw: raw + b"x", lambda raw: b"?" + raw[1:], lambda raw: b""],
    ids=["cut", "longer", "other head", "empty"],
)
def test_damaged_key_is_refused_and_never_replaced(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "folder" / "key"
    load_or_create_key(path)
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(KeyFileError) as refused:
        load_or_create_key(path)
    assert refused.value.hint
    assert path.read_bytes() == before


def test_key_that_is_not_clamped_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "key"
    load_or_create_key(path)
    path.write_bytes(path.read_bytes()[:32] + b"\xff" * 64)
    with pytest.raises(KeyFileError, match="damaged"):
        load_or_create_key(path)


def test_file_instead_of_the_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="file"):
        load_or_create_key(tmp_path / "file" / "key")


MAKE = """
from pathlib import Path
from onion import OnionError, load_or_create_key
try:
    load_or_create_key(Path("{folder}/keys/key"))
except OnionError as error:
    print(type(error).__name__, error, "|", error.hint)
    print(sorted(str(path) for path in Path("{folder}").rglob("*") if "fill" not in path.name))
"""


@pytest.mark.slow
def test_full_disk_is_reported_and_leaves_no_partial_key(tmp_path: Path) -> None:
    printed = in_small_filesystem(tmp_path, MAKE, full=True)
    assert printed[0].startswith(f"DiskFullError cannot write in {tmp_path}/keys: no space left | ")
    assert "key'" not in printed[1]


@pytest.mark.slow
def test_read_only_disk_is_reported(tmp_path: Path) -> None:
    printed = in_small_filesystem(tmp_path, MAKE, read_only=True)
    assert printed[0].startswith("FolderError cannot write in ")
    assert "read-only" in printed[0]
