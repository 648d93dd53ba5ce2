"""Behind a real obfs4 bridge the server is published, and nothing goes out beside the bridge."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from onion import Option, open_socks_stream, read_user_torrc, render_torrc
from onion.bridges.plan import ADDED
from onion.launch.program import find_tor
from server.demo.text_browser import TextBrowser
from tests.onion.obfs4_bridge import Obfs4Bridge, obfs4_bridge

from .censored import CensoredNetwork, censored_network
from .conftest import Demo
from .workspace import TOP, Workspace, command

pytestmark = [
    pytest.mark.tor,
    pytest.mark.slow,
    pytest.mark.checklist(34, 51),
    pytest.mark.asyncio(loop_scope="module"),
]

READY_S = 90.0
END_S = 5.0


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("b"))


@pytest.fixture(scope="module")
def network(demo: Demo) -> list[Option]:
    """The options with which a tor joins the demo's network."""
    return read_user_torrc(demo.folder / "network.torrc")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bridge(
    tmp_path_factory: pytest.TempPathFactory, network: list[Option]
) -> AsyncIterator[Obfs4Bridge]:
    async with obfs4_bridge(tmp_path_factory.mktemp("bridge"), network) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def censored(
    workspace: Workspace, network: list[Option], bridge: Obfs4Bridge
) -> AsyncIterator[CensoredNetwork]:
    """A network with the bridge, and with counters where the authorities and relays are."""
    lines = " ".join(value for name, value in network if name == "DirAuthority")
    ports = re.findall(r"orport=(\d+)|127\.0\.0\.1:(\d+)", lines)
    others = [f"127.0.0.1:{one or other}" for one, other in ports]
    assert len(others) == 10, "five authorities, each with two ports"
    async with censored_network(workspace.folder, bridge.address, others) as running:
        yield running


def visitor(demo: Demo, onion: str) -> TextBrowser:
    return TextBrowser(lambda: open_socks_stream(demo.socks, onion, 80, isolation=onion), onion)


def standard_input(pid: int) -> str:
    """Read the configuration that a web process was given; empty if it was given none."""
    return Path(f"/proc/{pid}/fd/0").read_text(encoding="utf-8")


@asynccontextmanager
async def server(
    workspace: Workspace, censored: CensoredNetwork, name: str, *arguments: str
) -> AsyncIterator[list[dict[str, str]]]:
    """Run `sottovoce up` in the censored network; yield its events when it is published."""
    argv = command("up", "--json", "--folder", str(workspace.folder / name), *arguments)
    process = await asyncio.create_subprocess_exec(
        *censored.enter(*argv),
        cwd=TOP,
        env=workspace.environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    events: list[dict[str, str]] = []
    try:
        assert process.stdout is not None
        try:
            async with asyncio.timeout(READY_S):
                while not events or events[-1]["event"] != "ready":
                    line = await process.stdout.readline()
                    assert line, f"the server ended: {await process.wait()}, {events}"
                    events.append(json.loads(line))
        except TimeoutError:
            raise AssertionError(f"not ready; seen so far: {events}") from None
        yield events
        process.terminate()
        async with asyncio.timeout(END_S):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_server_behind_a_bridge_is_visited_and_nothing_goes_beside(
    demo: Demo, workspace: Workspace, network: list[Option], bridge: Obfs4Bridge,
    censored: CensoredNetwork,
) -> None:  # fmt: skip
    config = workspace.folder / "server.toml"
    config.write_text(f'[tor]\nbridges = ["Bridge {bridge.line}"]\n')
    careless = workspace.folder / "own.torrc"
    text = f"\ufeff# a friend's\r\n  bridge {bridge.line}   # obfs4\r\nsandbox 1\r\n"
    careless.write_bytes((text + render_torrc(network)).encode())
    plain = str(demo.folder / "network.torrc")
    async with (
        server(workspace, censored, "c", "--config", str(config), "--torrc", plain) as configured,
        server(workspace, censored, "t", "--torrc", str(careless)) as pasted,
    ):
        for events in (configured, pasted):
            assert (await visitor(demo, events[-1]["onion"]).get("/")).status == 200
        notes = [event["text"] for event in pasted if event["event"] == "note"]
        assert notes[0].startswith("Sandbox 1 is left out")
        assert ADDED in notes
        assert not [event for event in configured if event["event"] == "note"]
        web_processes = workspace.pids("\0serve\0")
        assert len(web_processes) == 2
        for web in web_processes:
            assert bridge.cert not in standard_input(web), "it is told nothing of bridges"
    # The program of the transport begins one connection for each that tor begins to it.
    await censored.wait_until(lambda: 2 * len(censored.accepted) == censored.begun)
    assert set(censored.accepted) == {bridge.address}
    assert 2 * len(censored.accepted) == censored.begun
    assert censored.datagrams == 0, "no name was looked up"


async def test_tor_that_goes_around_its_bridge_is_counted(
    tmp_path: Path, network: list[Option], bridge: Obfs4Bridge, censored: CensoredNetwork
) -> None:
    """What tor does with a Bridge line alone, and that the test above would see it."""
    torrc = tmp_path / "torrc"
    lines = [*network, ("Bridge", bridge.line.removeprefix("obfs4 ").partition(" cert=")[0])]
    options = [("DataDirectory", str(tmp_path / "data")), ("SocksPort", "0"), *lines]
    torrc.write_text(render_torrc(options))
    process = await asyncio.create_subprocess_exec(
        *censored.enter(str(find_tor()), "--defaults-torrc", "/dev/null", "-f", str(torrc)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        await censored.wait_until(lambda: set(censored.accepted) - {bridge.address})
        assert set(censored.accepted) - {bridge.address}
        assert censored.begun > 0
    finally:
        process.kill()
        await process.wait()
