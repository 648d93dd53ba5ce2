"""A key is sealed, opened, or made sealed; whatever goes wrong, one whole key is left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from onion import (
    KeyFileError,
    WrongPassphraseError,
    create_private_file,
    load_or_create_key,
    load_sealed_key,
    seal_key,
)
from onion.sealed.box import MIN_COST
from server.core.errors import OperatorError
from server.supervisor.folder_lock import lock_folder
from server.supervisor.key import sealing
from server.supervisor.key.sealing import ATTEMPTS, make_sealed, open_sealed, seal
from server.supervisor.paths import Paths

cheap = partial(seal_key, cost=MIN_COST)


def say() -> str:
    return "words"


def never() -> str:
    raise AssertionError("nobody is to be asked")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "s")
    load_or_create_key(paths.key)
    return paths


def content(paths: Paths) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths.folder.iterdir()}


def test_sealed_key_is_alone_and_has_the_address_and_opens_to_the_same_file(paths: Paths) -> None:
    before, address = content(paths), load_or_create_key(paths.key).address
    seal(paths, say, cheap)
    assert list(content(paths)) == ["onion.key.sealed"]
    assert paths.sealed_key.stat().st_mode & 0o777 == 0o600
    assert load_sealed_key(paths.sealed_key, say, 1).address == address
    open_sealed(paths, say)
    assert content(paths) == before
    assert paths.key.stat().st_mode & 0o777 == 0o600


def test_key_in_the_clear_is_overwritten(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "other name").hardlink_to(paths.key)
    seal(paths, say, cheap)
    assert not any((tmp_path / "other name").read_bytes())


def test_new_key_is_sealed_and_was_never_in_the_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, written = Paths(tmp_path / "new"), list[bytes]()

    def watched(path: Path, text: bytes) -> None:
        written.append(text)
        create_private_file(path, text)

    monkeypatch.setattr(sealing, "create_private_file", watched)
    make_sealed(paths, say, cheap)
    assert content(paths) == {"onion.key.sealed": written[0]}
    assert len(written) == 1
    assert paths.folder.stat().st_mode & 0o777 == 0o700
    key = load_sealed_key(paths.sealed_key, say, 1)
    assert key.reveal()[:32] not in written[0]


@pytest.mark.parametrize("doing", [seal, open_sealed, make_sealed])
def test_running_server_is_left_alone(paths: Paths, doing: Callable[..., None]) -> None:
    before = content(paths)
    with lock_folder(paths.folder), pytest.raises(OperatorError, match="another sottovoce"):
        doing(paths, never)
    assert content(paths) == before


@pytest.mark.parametrize("doing", [seal, open_sealed])
def test_wrong_folder_is_named_and_not_made(tmp_path: Path, doing: Callable[..., None]) -> None:
    paths = Paths(tmp_path / "typo")
    with pytest.raises(OperatorError, match="there is no folder"):
        doing(paths, never)
    assert not paths.folder.exists()
    paths.folder.mkdir(mode=0o700)
    with pytest.raises(OperatorError, match=r"there is no (sealed )?key in"):
        doing(paths, never)
    assert content(paths) == {}


def test_key_of_the_wrong_form_is_left_alone(paths: Paths) -> None:
    with pytest.raises(OperatorError, match="no sealed key"):
        open_sealed(paths, never)
    with pytest.raises(OperatorError, match="there is a key already"):
        make_sealed(paths, never)
    seal(paths, say, cheap)
    before = content(paths)
    with pytest.raises(OperatorError, match="sealed already"):
        seal(paths, never)
    with pytest.raises(OperatorError, match="there is a key already"):
        make_sealed(paths, never)
    assert content(paths) == before


def test_folder_that_has_lost_its_key_gets_no_new_one(paths: Paths) -> None:
    (paths.tor / "data").mkdir(parents=True)
    (paths.tor / "data" / "state").write_text("")
    paths.key.unlink()
    with pytest.raises(OperatorError, match="is gone"):
        make_sealed(paths, never)


@pytest.mark.parametrize("doing", [seal, open_sealed])
def test_key_that_is_there_twice_is_left_alone(paths: Paths, doing: Callable[..., None]) -> None:
    paths.sealed_key.write_bytes(b"")
    before = content(paths)
    with pytest.raises(OperatorError, match="there twice"):
        doing(paths, never)
    assert content(paths) == before


def test_unsafe_or_damaged_key_is_not_sealed(paths: Paths) -> None:
    paths.key.chmod(0o644)
    with pytest.raises(KeyFileError, match="0644"):
        seal(paths, never)
    paths.key.chmod(0o600)
    paths.key.write_bytes(paths.key.read_bytes()[:-1])
    with pytest.raises(KeyFileError):
        seal(paths, never)
    assert list(content(paths)) == ["onion.key"]


def test_wrong_passphrase_opens_nothing_after_three_attempts(paths: Paths) -> None:
    seal(paths, say, cheap)
    before, asked = content(paths), list[str]()

    def wrong() -> str:
        asked.append("")
        return "other"

    with pytest.raises(WrongPassphraseError):
        open_sealed(paths, wrong)
    assert (content(paths), len(asked)) == (before, ATTEMPTS)


def test_interrupted_question_leaves_everything(paths: Paths) -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    before = content(paths)
    with pytest.raises(KeyboardInterrupt):
        seal(paths, interrupt, cheap)
    assert content(paths) == before
    seal(paths, say, cheap)
    before = content(paths)
    with pytest.raises(KeyboardInterrupt):
        open_sealed(paths, interrupt)
    assert content(paths) == before


def test_key_is_kept_unless_the_sealed_one_can_be_read_back(paths: Paths) -> None:
    before = content(paths)
    with pytest.raises(KeyFileError, match="damaged"):
        seal(paths, say, lambda key, passphrase: cheap(key, passphrase)[:-1])
    assert content(paths) == before
    with pytest.raises(WrongPassphraseError):
        seal(paths, say, lambda key, _: cheap(key, "something else"))
    assert content(paths) == before


def test_too_little_memory_is_said(paths: Paths) -> None:
    def refuse(*_: object) -> bytes:
        raise MemoryError

    before = content(paths)
    with pytest.raises(OperatorError, match="256 MiB"):
        seal(paths, say, refuse)
    assert content(paths) == before
