"""Tor is found in the usual folders, and its absence is reported with what to install."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion.errors import ProgramMissingError, TorMissingError
from onion.launch.program import find_program, find_tor


def make_program(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_program_is_found_in_the_first_folder_that_has_it(tmp_path: Path) -> None:
    for name in ("empty", "first", "second"):
        (tmp_path / name).mkdir()
    first = make_program(tmp_path / "first", "tor")
    make_program(tmp_path / "second", "tor")
    folders = [str(tmp_path / name) for name in ("empty", "first", "second")]
    assert find_tor(folders) == first


def test_missing_tor_error_names_folders_and_package(tmp_path: Path) -> None:
    with pytest.raises(TorMissingError, match=str(tmp_path)) as missing:
        find_tor([str(tmp_path)])
    assert "apt-get install tor" in missing.value.hint


def test_file_that_is_not_executable_is_not_found(tmp_path: Path) -> None:
    make_program(tmp_path, "tor").chmod(0o644)
    with pytest.raises(TorMissingError):
        find_tor([str(tmp_path)])


def test_search_without_folders_finds_nothing() -> None:
    with pytest.raises(TorMissingError, match="no folder"):
        find_tor([])


def test_missing_tool_error_names_its_package(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissingError) as missing:
        find_program("setpriv", package="util-linux", folders=[str(tmp_path)])
    assert "util-linux" in missing.value.hint


@pytest.mark.parametrize("path", ["", "/nowhere"])
def test_system_folders_are_searched_when_path_lacks_them(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("PATH", path)
    assert find_program("sh").name == "sh"
