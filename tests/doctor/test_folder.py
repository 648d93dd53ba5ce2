"""Only the owner may read the key, and the folder contains only files that the server keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion import ServiceKey, load_or_create_key, memory_place
from onion.service_folder import service_folder
from server.doctor.findings import State
from server.doctor.folder import EXPECTED, EXPECTED_IN_A_RUN, check_key, check_left_behind
from server.supervisor.paths import Paths


def make_server(folder: Path) -> Paths:
    paths = Paths(folder / "server")
    load_or_create_key(paths.key)
    return paths


def test_server_that_was_never_set_up_holds(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "nothing")
    assert {check_key(paths, may_swap=False).state, check_left_behind(paths, runs=False).state} == {
        State.HOLDS
    }
    assert not paths.folder.exists()


@pytest.mark.checklist(32)
def test_key_as_the_server_creates_it_holds(tmp_path: Path) -> None:
    assert check_key(make_server(tmp_path), may_swap=False).state is State.HOLDS


@pytest.mark.checklist(32)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_key_that_others_may_read_fails_with_its_mode(tmp_path: Path, mode: int) -> None:
    paths = make_server(tmp_path)
    paths.key.chmod(mode)
    found = check_key(paths, may_swap=False)
    assert found.state is State.FAILS
    assert f"{mode:04o}" in found.sentence
    assert f"chmod 600 {paths.key}" in found.hint


@pytest.mark.checklist(32)
def test_folder_that_others_may_enter_fails_without_key_too(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    paths.folder.chmod(0o755)
    assert "0755" in check_key(paths, may_swap=False).sentence
    paths.key.unlink()
    assert check_key(paths, may_swap=False).state is State.FAILS
    paths.folder.chmod(0o700)
    assert check_key(paths, may_swap=False).state is State.HOLDS


@pytest.mark.checklist(32)
def test_symlink_instead_of_the_key_fails(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    paths.key.rename(tmp_path / "moved")
    paths.key.symlink_to(tmp_path / "moved")
    assert check_key(paths, may_swap=False).state is State.FAILS


@pytest.mark.checklist(32)
def test_sealed_key_is_said_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    assert "it is not sealed" in check_key(paths, may_swap=True).sentence
    paths.key.rename(paths.sealed_key)
    found = check_key(paths, may_swap=False)
    assert (found.state, found.sentence.startswith("the key is sealed:")) == (State.HOLDS, True)
    found = check_key(paths, may_swap=True)
    assert (found.state, "may be written to the disk" in found.sentence) == (State.NOTED, True)
    paths.sealed_key.chmod(0o644)
    assert "0644" in check_key(paths, may_swap=False).sentence


def test_key_that_is_there_twice_or_gone_fails(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    paths.sealed_key.write_text("")
    found = check_key(paths, may_swap=False)
    assert (found.state, "there twice" in found.sentence) == (State.FAILS, True)
    paths.key.unlink()
    paths.sealed_key.unlink()
    create(paths, "tor/data/state")
    assert "is gone" in check_key(paths, may_swap=False).sentence


async def test_copy_of_the_key_in_memory_is_expected_only_while_the_server_runs(
    tmp_path: Path,
) -> None:
    paths = make_server(tmp_path)
    async with service_folder(memory_place(paths.folder), ServiceKey.generate()) as folder:
        found = check_left_behind(paths, runs=False)
        assert (found.state, found.hint) == (State.FAILS, f"rm -r {folder}")
        assert check_left_behind(paths, runs=True).state is State.HOLDS
    assert check_left_behind(paths, runs=False).state is State.HOLDS


def create(paths: Paths, name: str) -> None:
    path = paths.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")


@pytest.mark.checklist(27)
def test_files_of_the_server_and_tor_are_expected(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    for name in EXPECTED:
        create(paths, name.replace("*", "some"))
    assert check_left_behind(paths, runs=False).state is State.HOLDS


@pytest.mark.checklist(27)
def test_copy_of_the_key_is_expected_only_while_the_server_runs(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    for name in EXPECTED_IN_A_RUN:
        create(paths, name.replace("*", "abc123"))
    assert check_left_behind(paths, runs=True).state is State.HOLDS
    found = check_left_behind(paths, runs=False)
    assert found.state is State.FAILS
    assert "start the server, which removes it" in found.hint
    create(paths, "core")
    assert "start the server" not in check_left_behind(paths, runs=False).hint


@pytest.mark.checklist(27)
@pytest.mark.parametrize(
    "name",
    [
        "core",
        "tor/data/core.1234",
        "web/access.log",
        "chat.db",
        "messages/room",
        "tor/data/hidden_service/hostname",
        ".onion.key.0123456789abcdef",
        "web/onion.key",
    ],
)
def test_every_other_file_is_named(tmp_path: Path, name: str) -> None:
    paths = make_server(tmp_path)
    create(paths, name)
    found = check_left_behind(paths, runs=False)
    assert found.state is State.FAILS
    assert repr(name) in found.sentence


def test_many_files_are_counted_and_names_are_escaped(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    for number in range(7):
        create(paths, f"{number}\n\x1b[2J")
    sentence = check_left_behind(paths, runs=False).sentence
    assert sentence.endswith(" and 2 more")
    assert sentence.isprintable()
