"""The key is for its owner alone, and nothing stays in the folder that the house does not keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion import load_or_create
from server.doctor.findings import State
from server.doctor.folder import MAY_BE_THERE, check_key, check_left_behind
from server.supervisor.paths import Paths


def make_server(folder: Path) -> Paths:
    paths = Paths(folder / "server")
    load_or_create(paths.key)
    return paths


def test_server_that_was_never_set_up_holds(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "nothing")
    assert {check_key(paths).state, check_left_behind(paths).state} == {State.HOLDS}
    assert not paths.folder.exists()


@pytest.mark.checklist(32)
def test_key_as_the_server_makes_it_holds(tmp_path: Path) -> None:
    assert check_key(make_server(tmp_path)).state is State.HOLDS


@pytest.mark.checklist(32)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_key_that_others_may_read_fails_with_its_mode(tmp_path: Path, mode: int) -> None:
    paths = make_server(tmp_path)
    paths.key.chmod(mode)
    found = check_key(paths)
    assert found.state is State.FAILS
    assert f"{mode:04o}" in found.sentence
    assert f"chmod 600 {paths.key}" in found.hint


@pytest.mark.checklist(32)
def test_folder_that_others_may_enter_fails_also_without_a_key(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    paths.folder.chmod(0o755)
    assert "0755" in check_key(paths).sentence
    paths.key.unlink()
    assert check_key(paths).state is State.FAILS
    paths.folder.chmod(0o700)
    assert check_key(paths).state is State.HOLDS


@pytest.mark.checklist(32)
def test_link_in_the_place_of_the_key_fails(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    paths.key.rename(tmp_path / "moved")
    paths.key.symlink_to(tmp_path / "moved")
    assert check_key(paths).state is State.FAILS


def put(paths: Paths, name: str) -> None:
    path = paths.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")


@pytest.mark.checklist(27)
def test_what_the_server_and_its_tor_keep_is_nothing_left_behind(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    for name in MAY_BE_THERE:
        put(paths, name.replace("*", "some"))
    assert check_left_behind(paths).state is State.HOLDS


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
def test_whatever_else_is_there_is_named(tmp_path: Path, name: str) -> None:
    paths = make_server(tmp_path)
    put(paths, name)
    found = check_left_behind(paths)
    assert found.state is State.FAILS
    assert repr(name) in found.sentence


def test_many_files_are_counted_and_a_strange_name_stays_on_its_line(tmp_path: Path) -> None:
    paths = make_server(tmp_path)
    for number in range(7):
        put(paths, f"{number}\n\x1b[2J")
    sentence = check_left_behind(paths).sentence
    assert sentence.endswith(" and 2 more")
    assert sentence.isprintable()
