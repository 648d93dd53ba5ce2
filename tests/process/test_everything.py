"""Every action of a visitor, over the Unix socket of the real web process."""

from __future__ import annotations

import pytest

from tests.everything import do_everything

from .server_process import ServerProcess


@pytest.mark.slow  # some two hundred requests
async def test_client_that_follows_forms_can_do_everything(server: ServerProcess) -> None:
    await do_everything(server.browser)
