"""A house stands below one folder, whose path tor must be able to be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.core.errors import OperatorError
from server.supervisor.paths import Places


def test_everything_stands_below_the_folder() -> None:
    places = Places(Path("/run/house"))
    all_of_them = [places.web_socket, places.admin_socket, places.tor, places.key]
    assert all(path.is_relative_to(places.folder) for path in all_of_them)
    assert places.web_socket.parent != places.admin_socket.parent
    places.check()


@pytest.mark.parametrize("folder", ["/run/a house", "/run/\nhouse", "/" + "x" * 100, "/run/'", "x"])
def test_folder_that_tor_cannot_be_told_is_refused_in_one_line(folder: str) -> None:
    with pytest.raises(OperatorError, match="cannot be used: a socket path") as refused:
        Places(Path(folder)).check()
    assert "\n" not in str(refused.value)
    assert "TMPDIR" in refused.value.hint
