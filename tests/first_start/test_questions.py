"""The first start asks only what it keeps, and writes nothing before the last answer."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from onion import load_or_create_key
from server.config.load import default_config, load_config
from server.core.errors import OperatorError
from server.first_start import writing
from server.first_start.answers import FirstStart
from server.first_start.questions import ask_operator, is_first_start
from server.first_start.writing import write_first_start, write_private_file
from server.supervisor.paths import Paths
from tests.onion.bridges.test_line import OBFS4, PLAIN


class Operator:
    """Answers the questions in order; an empty answer takes the default."""

    def __init__(self, *answers: str) -> None:
        self._answers: Iterator[str] = iter(answers)
        self.read: list[str] = []

    def ask(self, question: str, default: str) -> str:
        """Answer one question."""
        return next(self._answers) or default

    def tell(self, line: str) -> None:
        """Read one line."""
        self.read.append(line)


def answered(paths: Paths, *answers: str) -> tuple[FirstStart, str]:
    operator = Operator(*answers)
    return ask_operator(paths, operator.ask, operator.tell), "\n".join(operator.read)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "server")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir(mode=0o700)
    return folder


def test_enter_five_times_means_the_defaults(paths: Paths) -> None:
    first, _ = answered(paths, "", "", "", "", "")
    assert not paths.folder.exists()
    write_first_start(paths, first, lambda line: None)
    assert load_config(paths.config) == default_config()
    assert not is_first_start(paths)


def test_answers_are_kept_and_only_the_owner_reads_them(paths: Paths, stick: Path) -> None:
    first, _ = answered(paths, "fa", "اتاق", "a, b", OBFS4, f"Bridge {PLAIN}", "", str(stick))
    read = Operator()
    write_first_start(paths, first, read.tell)
    config = load_config(paths.config)
    assert (config.house.languages, config.house.title) == (("fa",), {"fa": "اتاق"})
    assert [room.title["fa"] for room in config.rooms] == ["a", "b"]
    assert config.tor.bridges == (OBFS4, f"Bridge {PLAIN}")
    copy = stick / "onion.key"
    assert copy.read_bytes() == paths.key.read_bytes()
    for file in (paths.config, paths.key, copy):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(file.name for file in paths.folder.iterdir()) == ["onion.key", "sottovoce.toml"]
    assert [file.name for file in stick.iterdir()] == ["onion.key"]
    assert f"A copy of the key is in {copy}" in read.read[-1]


def test_copy_is_a_key_that_restores_the_address(paths: Paths, stick: Path) -> None:
    first, _ = answered(paths, "", "", "", "", str(stick))
    write_first_start(paths, first, lambda line: None)
    address = load_or_create_key(paths.key).address
    assert load_or_create_key(stick / "onion.key").address == address


def test_without_a_copy_the_operator_reads_what_to_do_by_hand(paths: Paths) -> None:
    first, _ = answered(paths, "", "", "none", "none", "none")
    read = Operator()
    write_first_start(paths, first, read.tell)
    assert load_config(paths.config).rooms == ()
    assert "no copy of the key; copy it by hand" in read.read[-1]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (("xx", "", "", "", "", ""), "This is not a language of the pages: known: en (English)"),
        (("en, en", "", "", "", "", ""), "This is named twice"),
        (("", "x" * 61, "", "", "", ""), "This is not a valid text"),
        (("", "\udcff", "", "", "", ""), "not UTF-8"),
        (("", "", ",", "", "", ""), "this has no title"),
        (("", "", "a," + "x" * 61, "", "", ""), "This is not a valid text"),
        (("", "", "", OBFS4[:60], "", ""), "this line has no cert="),
        (("", "", "", "", "/nowhere/at/all", ""), "/nowhere/at/all is no folder"),
        (("", "", "", "", "~nobody-of-that-name", ""), "cannot be used"),
        (("", "", "", "", "a\0b", ""), "cannot be used"),
    ],
)
def test_answer_that_cannot_be_used_is_asked_again(
    paths: Paths, answers: tuple[str, ...], words: str
) -> None:
    first, read = answered(paths, *answers)
    assert words in read
    assert first == FirstStart(first.answers, None)


def test_folder_that_cannot_keep_the_copy_is_refused(paths: Paths, tmp_path: Path) -> None:
    shared, taken = tmp_path / "shared", tmp_path / "taken"
    for folder in (shared, taken, paths.folder, paths.folder / "inside"):
        folder.mkdir(mode=0o700)
    shared.chmod(0o777)
    (taken / "onion.key").write_text("of another server")
    _, read = answered(
        paths, "", "", "", "", str(shared), str(taken), str(paths.folder / "inside"), "none"
    )
    assert f"others can write into {shared}" in read
    assert f"{taken} holds an onion.key already" in read
    assert "is inside the server's own folder" in read
    assert not list(shared.iterdir())


def test_copy_that_fails_is_said_and_the_server_is_set_up(paths: Paths, stick: Path) -> None:
    first, _ = answered(paths, "", "", "", "", str(stick))
    stick.rmdir()
    read = Operator()
    write_first_start(paths, first, read.tell)
    assert "was NOT copied" in read.read[-1]
    assert "copy it by hand" in read.read[-1]
    assert paths.config.exists()


def test_configuration_that_cannot_be_written_leaves_nothing(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    first, _ = answered(paths, "", "", "", "", "")
    monkeypatch.setattr(writing, "write_private_file", fail)
    with pytest.raises(OperatorError, match="cannot be written: no space left"):
        write_first_start(paths, first, lambda line: None)
    assert list(paths.folder.iterdir()) == []
    assert is_first_start(paths)


def test_ended_early_nothing_is_there(paths: Paths) -> None:
    def end(question: str, default: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_operator(paths, end, lambda line: None)
    assert not paths.folder.exists()


def test_private_file_is_never_written_over_and_leaves_no_part(tmp_path: Path) -> None:
    file = tmp_path / "a"
    write_private_file(file, b"first")
    with pytest.raises(FileExistsError):
        write_private_file(file, b"second")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"first")]


@pytest.mark.parametrize("name", ["onion.key", "onion.key.sealed", "sottovoce.toml"])
def test_folder_that_is_set_up_is_asked_nothing(paths: Paths, name: str) -> None:
    assert is_first_start(paths)
    paths.folder.mkdir()
    (paths.folder / name).touch()
    assert not is_first_start(paths)
