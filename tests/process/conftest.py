"""One running server per test file, for tests that neither stop nor configure it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .server_process import ServerProcess, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("run")) as server:
        yield server
