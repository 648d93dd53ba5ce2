"""A service is called published when it was visited through tor, and heals when it cannot be.

The service of this file joins the demo's network through a line that can be cut.
"""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from onion import (
    OnionService,
    ServiceKey,
    ServiceState,
    SocksError,
    open_socks_stream,
    read_user_torrc,
)
from onion.control import Control
from server.supervisor.paths import Paths
from server.supervisor.reachability import Pauses
from server.supervisor.restart import Supervised
from server.supervisor.up import keep_service_running, keep_web_running, service_spec
from server.supervisor.watching import Watching
from server.supervisor.webprocess import WebOptions
from tests.supervisor.fakes import FakeReport

from .conftest import Demo
from .cut_line import Line, line

pytestmark = [
    pytest.mark.tor,
    pytest.mark.slow,
    pytest.mark.checklist(55),
    pytest.mark.asyncio(loop_scope="module"),
]

BOUND_S = 120.0
SILENT_S = 3.0
PAUSES = Pauses(visit_s=8.0, usual=(1.0, 2.0), soon=(0.1, 0.2), unreachable=(0.5, 1.0))


@dataclass(slots=True)
class Server:
    """A whole server without its command: tor, web process and what watches them."""

    demo: Demo
    line: Line
    paths: Paths
    watching: Watching
    report: FakeReport
    onion: str
    tor: Supervised[OnionService]
    states: list[ServiceState]
    changed: asyncio.Event

    @property
    def tor_pid(self) -> int:
        """The process id of its present tor."""
        assert self.tor.current is not None
        assert self.tor.current.pid is not None
        return self.tor.current.pid

    async def wait_for(self, state: ServiceState) -> None:
        """Wait until the service is in this state."""
        async with asyncio.timeout(BOUND_S):
            while self.watching.status.state is not state:
                self.changed.clear()
                await self.changed.wait()

    async def wait_for_note(self, text: str, since: int) -> int:
        """Wait until the operator was told this after the note `since`; return how many notes."""
        seen = since
        async with asyncio.timeout(BOUND_S):
            while True:
                notes = await self.report.wait_for_notes(seen + 1)
                seen += 1
                if text in notes[seen - 1]:
                    return seen


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    paths, report, key = Paths(tmp_path_factory.mktemp("r")), FakeReport(), ServiceKey.generate()
    network = read_user_torrc(demo.folder / "network.torrc")
    watching = Watching(key.address, paths, report, pauses=PAUSES, silent_s=SILENT_S)
    async with AsyncExitStack() as stack:
        cuttable = await stack.enter_async_context(line())
        await stack.enter_async_context(
            keep_web_running(paths, key.address, WebOptions(), report, watching)
        )
        torrc = [*network, *cuttable.torrc]
        spec = service_spec(paths, key, torrc, lambda _: None, BOUND_S, watching)
        states: list[ServiceState] = []
        watching.status.add_listener(states.append)
        tor = await stack.enter_async_context(keep_service_running(spec, report, watching))
        made = Server(
            demo, cuttable, paths, watching, report, key.address, tor, states, asyncio.Event()
        )
        watching.status.add_listener(lambda _: made.changed.set())
        yield made


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def fetch(server: Server, circuit: str) -> bytes:
    """Fetch the head of the home page through the demo's client."""
    async with asyncio.timeout(BOUND_S):
        reader, writer = await open_socks_stream(
            server.demo.socks, server.onion, 80, isolation=f"reachable {circuit}"
        )
        request = f"HEAD / HTTP/1.1\r\nHost: {server.onion}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        answer = await reader.read()
        writer.close()
        return answer


async def test_service_is_published_only_after_a_visit(server: Server) -> None:
    assert server.states == [ServiceState.UNCONFIRMED, ServiceState.PUBLISHED]
    answer = await server.watching.status.describe()
    assert (answer["state"], answer["proof_of_work_effort"]) == ("published", 0)
    assert isinstance(answer["last_visit_age_s"], int)
    assert str(answer["tor_version"]).startswith("0.4.")
    assert (answer["tor_restarts"], answer["web_restarts"]) == (0, 0)
    assert (await fetch(server, "first")).startswith(b"HTTP/1.1 200")


async def test_socket_of_our_visits_is_private_and_opens_onions_only(server: Server) -> None:
    folder = server.paths.tor
    assert (mode_of(folder), mode_of(folder / "socks")) == (0o700, 0o600)
    socks = f"unix:{folder / 'socks'}"
    with pytest.raises(SocksError, match="not allowed"):
        await open_socks_stream(socks, "example.com", 80)
    _, writer = await open_socks_stream(socks, server.onion, 80)
    writer.close()


async def test_silent_tor_is_replaced_under_the_same_address(server: Server) -> None:
    before, pid = len(server.report.notes), server.tor_pid
    os.kill(pid, signal.SIGSTOP)
    told = await server.wait_for_note("tor gave no sign of life", before)
    await server.wait_for_note("tor is running again", told)
    await server.wait_for(ServiceState.PUBLISHED)
    assert server.tor_pid != pid
    assert (await server.watching.status.describe())["tor_restarts"] == 1


async def test_silent_web_process_is_replaced(server: Server) -> None:
    before = len(server.report.notes)
    assert server.watching.status.web is not None
    child = server.watching.status.web.current
    assert child is not None
    os.kill(child.pid, signal.SIGSTOP)
    told = await server.wait_for_note("the web process gave no sign of life", before)
    await server.wait_for_note("the web process is running again", told)
    await server.wait_for(ServiceState.PUBLISHED)
    assert (await server.watching.status.describe())["web_answers"] is True


def introductions_of(circuits: str) -> set[str]:
    """Return the ids of the circuits to introduction points."""
    lines = circuits.splitlines()
    return {line.split()[0] for line in lines if "PURPOSE=HS_SERVICE_INTRO" in line}


async def test_short_loss_of_the_network_changes_the_introduction_points(server: Server) -> None:
    pid, arrived = server.tor_pid, asyncio.Queue[str]()
    tor = await Control.attach(server.paths.tor / "control", on_event=arrived.put_nowait)
    await tor.subscribe("HS_DESC")
    before = introductions_of(await tor.getinfo("circuit-status"))
    server.line.cut()
    server.line.mend()
    async with asyncio.timeout(BOUND_S):
        # With the former ones tor would have nothing to upload.
        while "UPLOADED" not in await arrived.get():
            pass
    after = introductions_of(await tor.getinfo("circuit-status"))
    await tor.close()
    assert before
    assert after
    assert not before & after
    assert (await fetch(server, "after a short loss")).startswith(b"HTTP/1.1 200")
    assert server.tor_pid == pid


async def test_lost_network_is_told_and_its_return_too(server: Server) -> None:
    before = len(server.report.notes)
    server.line.cut()
    told = await server.wait_for_note("visitors cannot reach the service", before)
    await server.wait_for(ServiceState.UNREACHABLE)
    answer = await server.watching.status.describe()
    assert (answer["state"], answer["lets_visitors_in"]) == ("unreachable", False)
    server.line.mend()
    await server.wait_for_note("visitors can reach the service again", told)
    assert server.watching.status.state is ServiceState.PUBLISHED
