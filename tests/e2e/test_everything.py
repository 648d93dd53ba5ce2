"""Every action that visitors can take, through the onion service."""

from __future__ import annotations

import pytest

from tests.everything import do_everything

from .conftest import Demo

pytestmark = [pytest.mark.tor, pytest.mark.slow]


async def test_client_that_follows_forms_can_do_everything(demo: Demo) -> None:
    await do_everything(demo.visitor)
