"""`sottovoce up` keeps its address, refuses a second start, and ends on SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from onion import open_socks_stream
from server.demo.text_browser import TextBrowser
from server.supervisor.qrcode import qr_lines
from tests.fakes import ChatPair
from tests.onion.launch.test_process import dies_within

from .conftest import Demo
from .nest import TOP, Nest, command, explained
from .terminal import Terminal

pytestmark = [pytest.mark.tor, pytest.mark.slow]

END_S = 5.0
"""The contract: a server ends this many seconds after SIGTERM."""


@dataclass
class ServerProcess:
    """A running `sottovoce up`, and the events that it printed."""

    process: subprocess.Popen[str]
    events: list[dict[str, str | int | None]] = field(default_factory=list)

    @property
    def ready(self) -> dict[str, str | int | None]:
        """Wait until it can be visited; the `ready` event."""
        while not self.events or self.events[-1]["event"] != "ready":
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.process.wait()}"
            self.events.append(json.loads(line))
        return self.events[-1]

    def end(self) -> int:
        """Send SIGTERM and return the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=END_S)


@pytest.fixture
def nest(tmp_path_factory: pytest.TempPathFactory) -> Nest:
    return Nest(tmp_path_factory.mktemp("u"))


def words(nest: Nest, demo: Demo, *before: str) -> list[str]:
    """The command line of a server on the demo's network, and on no other."""
    joining = demo.folder / "network.torrc"
    return [*before, "--folder", str(nest.folder / "server"), "--torrc", str(joining)]


@contextmanager
def running_server(nest: Nest, demo: Demo) -> Iterator[ServerProcess]:
    """Start a server; it is killed at the end of the block if it still runs."""
    with subprocess.Popen(
        command(*words(nest, demo, "up", "--json")),
        cwd=TOP,
        env=nest.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield ServerProcess(process)
        finally:
            process.kill()


def visitor(demo: Demo, onion: str) -> TextBrowser:
    """Make a visitor who comes through the demo's network."""
    return TextBrowser(lambda: open_socks_stream(demo.socks, onion, 80, isolation=onion), onion)


async def test_server_is_up_and_again_after_a_crash_with_the_same_address(
    demo: Demo, nest: Nest
) -> None:
    folder = nest.folder / "server"
    with running_server(nest, demo) as server:
        first = server.ready
        assert first == {
            "event": "ready",
            "onion": first["onion"],
            "socks": None,
            "web_socket": f"{folder}/web/web.sock",
            "admin_socket": f"{folder}/admin/admin.sock",
        }
        check_steps(server)
        onion = str(first["onion"])
        await ChatPair.meet(visitor(demo, onion), visitor(demo, onion))

        second = nest.run(*words(nest, demo, "up"))
        assert explained(second)[0] == f"another sottovoce is running in {folder}"
        assert (await visitor(demo, onion).get("/")).status == 200, "the first is not disturbed"

        left = nest.pids()
        server.process.kill()
        assert all(dies_within(pid, END_S) for pid in left)
    with Terminal(nest, *words(nest, demo, "up")) as again:
        again.wait_for(*qr_lines(f"http://{onion}/"), f"http://{onion}/\r\n")
        check_modes(folder)
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(timeout=END_S) == 0
    check_what_is_kept(nest, folder)


async def test_server_whose_tor_hangs_ends_in_time_all_the_same(demo: Demo, nest: Nest) -> None:
    with running_server(nest, demo) as server:
        assert server.ready
        (tor,) = nest.pids("/tor/torrc")
        os.kill(tor, signal.SIGSTOP)
        assert server.end() == 0
    check_what_is_kept(nest, nest.folder / "server")


def check_steps(server: ServerProcess) -> None:
    steps = [event["percent"] for event in server.events if event["event"] == "bootstrap"]
    assert steps == sorted(steps, key=lambda percent: int(percent or 0))
    assert (steps[0], steps[-1]) == (0, 100)


def check_modes(folder: Path) -> None:
    assert stat.S_IMODE((folder / "onion.key").stat().st_mode) == 0o600
    for path in (folder, folder / "web", folder / "admin", folder / "tor"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def check_what_is_kept(nest: Nest, folder: Path) -> None:
    assert nest.pids() == []
    assert nest.bound_sockets() == []
    assert nest.run_folders() == [folder], "its key and tor's state, and nothing else"
    assert {path.name for path in folder.iterdir()} == {"admin", "onion.key", "tor", "web"}
    assert not list(folder.glob("web/*"))
    assert not list(folder.glob("admin/*"))
