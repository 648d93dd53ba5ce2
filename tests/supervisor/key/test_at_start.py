"""A sealed key is opened before anything starts, and only where that leads to a start."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest

from onion import (
    FolderError,
    WrongPassphraseError,
    load_or_create_key,
    seal_key,
)
from onion.sealed.box import MIN_COST
from server.core.errors import OperatorError
from server.supervisor.folder_lock import lock_folder
from server.supervisor.key import at_start
from server.supervisor.key.at_start import open_at_start
from server.supervisor.key.sealing import make_sealed
from server.supervisor.paths import Paths

from .test_passphrase import descriptor_of


def never(question: str) -> NoReturn:
    raise AssertionError(question)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "s")
    make_sealed(paths, lambda: "vier Wörter", partial(seal_key, cost=MIN_COST))
    return paths


def start(paths: Paths, passphrase: bytes | None = None) -> str | None:
    descriptor = None if passphrase is None else descriptor_of(passphrase)
    key = open_at_start(paths, descriptor, never, never)
    return None if key is None else key.address


def test_passphrase_from_a_descriptor_opens_the_key(paths: Paths) -> None:
    address = start(paths, "vier Wo\u0308rter\n".encode())
    assert address is not None
    assert address == start(paths, "vier W\u00f6rter".encode())


def test_wrong_passphrase_from_a_descriptor_is_tried_once(paths: Paths) -> None:
    with pytest.raises(WrongPassphraseError):
        start(paths, b"other")


def test_without_terminal_and_descriptor_it_says_what_to_do(paths: Paths) -> None:
    with pytest.raises(OperatorError, match="no terminal") as refused:
        start(paths)
    assert "--passphrase-fd" in refused.value.hint


def test_terminal_is_asked_three_times(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []

    def wrong(question: str) -> str:
        asked.append(question)
        return "other"

    with pytest.raises(WrongPassphraseError):
        open_at_start(paths, None, wrong, lambda _: None)
    assert asked == ["Passphrase of the key: "] * 3


def test_folder_without_a_sealed_key_asks_nothing(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "s")
    assert start(paths) is None
    load_or_create_key(paths.key)
    assert start(paths) is None


def test_descriptor_without_a_sealed_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no sealed key in") as refused:
        start(Paths(tmp_path), b"words")
    assert "keys seal" in refused.value.hint
    assert not list(tmp_path.iterdir())


def test_what_stops_the_start_is_said_before_the_question(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    with lock_folder(paths.folder), pytest.raises(OperatorError, match="another sottovoce"):
        start(paths)
    load_or_create_key(paths.key)
    with pytest.raises(OperatorError, match="there twice"):
        start(paths)
    paths.key.unlink()

    def no_memory(folder: Path) -> object:
        raise FolderError(folder, "not in memory")

    monkeypatch.setattr(at_start, "memory_place", no_memory)
    with pytest.raises(FolderError):
        start(paths)
    assert os.listdir(paths.folder) == ["onion.key.sealed"]
