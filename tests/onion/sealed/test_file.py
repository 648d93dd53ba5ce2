"""A sealed key on disk is read with the rules of every key file, and asked for a few times."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion.errors import KeyFileError, WrongPassphraseError
from onion.keyfile import create_private_file, overwrite_and_remove
from onion.keys import ServiceKey
from onion.sealed.box import MIN_COST, seal_key
from onion.sealed.file import load_sealed_key

KEY = ServiceKey.from_seed(bytes(range(32)))
SEALED = seal_key(KEY, "right", MIN_COST)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_private_file(tmp_path / "onion.key.sealed", SEALED)
    return tmp_path / "onion.key.sealed"


def never() -> str:
    raise AssertionError("nobody is to be asked")


def test_key_is_opened_by_the_first_right_answer(path: Path) -> None:
    answers = iter(["wrong", "right", "unused"])
    assert load_sealed_key(path, lambda: next(answers), 3).address == KEY.address
    assert next(answers) == "unused"


def test_attempts_are_counted(path: Path) -> None:
    answers = iter(["a", "b", "c", "right"])
    with pytest.raises(WrongPassphraseError) as refused:
        load_sealed_key(path, lambda: next(answers), 3)
    assert next(answers) == "right"
    assert "keyboard" in refused.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", SEALED[:-1], SEALED[:40], SEALED + bytes(2000), bytes(len(SEALED))],
    ids=["empty", "cut", "half", "longer", "zeros"],
)
def test_damaged_file_is_named_without_a_question_and_left_alone(
    path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"onion\.key\.sealed is damaged"):
        load_sealed_key(path, never, 3)
    assert path.read_bytes() == content


def test_file_that_others_may_read_is_refused_without_a_question(path: Path) -> None:
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="0644"):
        load_sealed_key(path, never, 3)


def test_link_and_missing_file_are_refused_without_a_question(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    for other in (link, path.with_name("nothing")):
        with pytest.raises(KeyFileError):
            load_sealed_key(other, never, 3)


def test_file_that_exists_is_not_replaced(path: Path) -> None:
    with pytest.raises(FileExistsError):
        create_private_file(path, b"other")
    assert path.read_bytes() == SEALED
    assert list(path.parent.iterdir()) == [path]


def test_removed_file_was_overwritten_first(path: Path) -> None:
    other_name = path.with_name("hard link")
    other_name.hardlink_to(path)
    overwrite_and_remove(path)
    assert not path.exists()
    assert other_name.read_bytes() == bytes(len(SEALED))
