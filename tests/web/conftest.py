"""What holds for all tests of the application."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.web import request_handling


@pytest.fixture(scope="session", autouse=True)
def source_archive_is_sent_at_once() -> Iterator[None]:
    """Send the source archive without its pace, which `test_downloads.py` tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(request_handling, "PIECE_S", 0)
        yield
