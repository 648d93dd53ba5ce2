"""All files of a server are below one folder. Tor must be able to parse its path."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.core.errors import OperatorError
from server.supervisor.paths import Paths


def test_all_paths_are_below_the_folder() -> None:
    paths = Paths(Path("/run/server"))
    every_path = [
        *(paths.web_socket, paths.admin_socket, paths.operator_socket),
        *(paths.tor, paths.key, paths.sealed_key, paths.config),
    ]
    assert all(path.is_relative_to(paths.folder) for path in every_path)
    assert paths.web_socket.parent != paths.admin_socket.parent
    paths.check()


@pytest.mark.parametrize(
    "folder", ["/" + "x" * 84, "/run/a server", "/run/خانه", "/run/a#1", "/run/'\"\\"]
)
def test_path_that_only_has_to_be_quoted_is_used(folder: str) -> None:
    Paths(Path(folder)).check()


@pytest.mark.parametrize(
    "folder",
    [
        "/run/\nserver",
        "/" + "x" * 85,
        "/" + "خ" * 50,
        "/run/a=b",
        "/run/\udcff",
        "/run/\u200c",
        "x",
    ],
)
def test_path_that_tor_cannot_parse_is_refused_in_one_line(folder: str) -> None:
    with pytest.raises(OperatorError, match="cannot be used: a socket path") as refused:
        Paths(Path(folder)).check()
    assert "\n" not in str(refused.value)
    assert "TMPDIR" in refused.value.hint


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")


def test_key_that_is_gone_is_refused_where_tor_has_worked_and_a_sealed_one_is_a_key(
    tmp_path: Path,
) -> None:
    paths = Paths(tmp_path)
    paths.check_key()
    touch(paths.tor / "data" / "state")
    with pytest.raises(OperatorError, match="is gone"):
        paths.check_key()
    touch(paths.sealed_key)
    paths.check_key()


def test_key_that_is_there_twice_is_refused_and_which_to_remove_is_said(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    touch(paths.key)
    touch(paths.sealed_key)
    with pytest.raises(OperatorError, match=r"onion\.key and onion\.key\.sealed") as refused:
        paths.check_key()
    assert "if you know the passphrase, remove onion.key;" in refused.value.hint
