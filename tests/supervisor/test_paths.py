"""A house stands below one folder, whose path tor must be able to be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.core.errors import OperatorError
from server.supervisor.paths import Paths


def test_everything_stands_below_the_folder() -> None:
    paths = Paths(Path("/run/house"))
    all_of_them = [paths.web_socket, paths.admin_socket, paths.tor, paths.key]
    assert all(path.is_relative_to(paths.folder) for path in all_of_them)
    assert paths.web_socket.parent != paths.admin_socket.parent
    paths.check()


@pytest.mark.parametrize("folder", ["/run/a house", "/run/\nhouse", "/" + "x" * 100, "/run/'", "x"])
def test_folder_that_tor_cannot_be_told_is_refused_in_one_line(folder: str) -> None:
    with pytest.raises(OperatorError, match="cannot be used: a socket path") as refused:
        Paths(Path(folder)).check()
    assert "\n" not in str(refused.value)
    assert "TMPDIR" in refused.value.hint
