"""Any error that prevents a listening socket is reported in one sentence with a hint."""

from __future__ import annotations

import errno
from pathlib import Path, PosixPath

import pytest

from server.core.errors import OperatorError
from server.process.sockets import listen_on


class FullDiskPath(PosixPath):
    """A path on a full disk."""

    error = errno.ENOSPC

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Fail as a full or read-only disk does."""
        raise OSError(self.error, "System text")


class ForbiddenPath(FullDiskPath):
    """A path in a folder of another user."""

    error = errno.EACCES


class ReadOnlyPath(FullDiskPath):
    """A path on a read-only disk."""

    error = errno.EROFS


class BrokenDiskPath(FullDiskPath):
    """A path on a failing disk."""

    error = errno.EIO


@pytest.mark.parametrize(
    ("path", "sentence", "hint"),
    [
        (FullDiskPath("/run/web.sock"), "the disk that holds /run is full", "free some space"),
        (ForbiddenPath("/run/web.sock"), "cannot write in /run", "choose a folder that you own"),
        (ReadOnlyPath("/run/web.sock"), "/run is on a read-only disk", "choose another folder"),
        (
            BrokenDiskPath("/run/web.sock"),
            "cannot listen on /run/web.sock: system text",
            "",
        ),
    ],
)
def test_each_error_of_the_disk_has_its_sentence(path: Path, sentence: str, hint: str) -> None:
    with pytest.raises(OperatorError) as caught:
        listen_on(path)
    assert str(caught.value) == sentence
    assert caught.value.hint.startswith(hint)


def test_second_listener_on_a_path_is_refused(tmp_path: Path) -> None:
    with listen_on(tmp_path / "web.sock"):
        with pytest.raises(OperatorError, match="another program listens on"):
            listen_on(tmp_path / "web.sock")
        assert (tmp_path / "web.sock").is_socket()


def test_child_processes_do_not_inherit_the_socket(tmp_path: Path) -> None:
    with listen_on(tmp_path / "web.sock") as listening:
        assert not listening.get_inheritable()
