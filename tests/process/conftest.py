"""One running server for each test file that does not stop or mark it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .server_process import ServerProcess, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("run")) as server:
        yield server
