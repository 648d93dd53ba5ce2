"""A private network that cannot start reports why and leaves nothing running."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from onion.bootstrap import Progress
from onion.errors import BootstrapStalledError, NoFreePortError, TorTooOldError
from onion.private import PrivateNetwork
from onion.private.ports import ReservedPorts
from tests.onion.launch.test_process import dies_within
from tests.onion.launch.test_version import make_tor


async def test_too_few_ports_are_reported_before_anything_starts(tmp_path: Path) -> None:
    with ReservedPorts(1) as reserved:
        ports = range(reserved.ports[0], reserved.ports[0] + 1)
        with pytest.raises(NoFreePortError, match="of 11"):
            async with PrivateNetwork(tmp_path / "net", ports=ports):
                pass
    assert not (tmp_path / "net").exists()


async def test_old_tor_is_reported_before_anything_starts(tmp_path: Path) -> None:
    tor = make_tor(tmp_path, "echo Tor version 0.4.7.16.")
    with pytest.raises(TorTooOldError):
        async with PrivateNetwork(tmp_path / "net", tor=tor):
            pass
    assert not (tmp_path / "net").exists()


@pytest.mark.tor
@pytest.mark.slow
async def test_network_without_a_consensus_in_time_is_stopped(tmp_path: Path) -> None:
    reported: list[Progress] = []
    network = PrivateNetwork(tmp_path / "net", on_progress=reported.append, consensus_s=0.05)
    with pytest.raises(BootstrapStalledError, match="do not agree"):
        async with network:
            pass
    assert [progress.tag for progress in reported][-1] == "consensus"
    assert len(network.pids) == 5
    assert all(dies_within(pid, 0) for pid in network.pids)


@pytest.mark.tor
@pytest.mark.slow
async def test_cancelled_start_leaves_no_process(tmp_path: Path) -> None:
    first = asyncio.Event()

    def take(progress: Progress) -> None:
        if progress.percent > 0:
            first.set()

    starting = asyncio.ensure_future(
        PrivateNetwork(tmp_path / "net", on_progress=take).__aenter__()
    )
    async with asyncio.timeout(20):
        await first.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not [words for words in command_lines() if os.fsencode(tmp_path) in words]


def command_lines() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_bytes()
