"""One running house for each file of tests that does not end or mark it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .house import House, running_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_house(tmp_path_factory.mktemp("run")) as house:
        yield house
