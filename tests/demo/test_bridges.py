"""The demo says that it does not use the bridges of the configuration."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.demo.demo import demo
from server.supervisor.webprocess import WebOptions
from tests.supervisor.fakes import FakeReport


async def test_bridges_of_the_configuration_are_said_to_be_unused(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text('[tor]\nbridges = ["192.0.2.1:443"]\n')
    report = FakeReport()
    starting = asyncio.ensure_future(demo(report, WebOptions(config)))
    (note,) = await report.wait_for_notes(1)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert "uses no bridges" in note
