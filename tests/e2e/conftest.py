"""Runs one private Tor network for all end-to-end tests: `sottovoce demo --json`."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from onion import open_socks_stream
from server.demo.text_browser import TextBrowser

from .events import Event, Events
from .marionette import Browser
from .people import open_firefox
from .starting_demo import StartingDemo, start_in_terminal
from .workspace import Workspace

ThreeBrowsers = tuple[Browser, Browser, Browser]


@dataclass(slots=True)
class Demo:
    """A running demo, with the addresses of its `ready` event."""

    events: Events
    ready: Event
    visitors: int = 0

    @property
    def onion(self) -> str:
        """Its address."""
        return str(self.ready["onion"])

    @property
    def socks(self) -> str:
        """The SOCKS port of the network's client."""
        return str(self.ready["socks"])

    @property
    def web_socket(self) -> Path:
        """Where the web process listens."""
        return Path(self.ready["web_socket"])

    @property
    def admin_socket(self) -> Path:
        """Where the web process answers the operator."""
        return Path(self.ready["admin_socket"])

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.web_socket.parents[1]

    @property
    def url(self) -> str:
        """The URL that a browser opens."""
        return f"http://{self.onion}/"

    def visitor(self) -> TextBrowser:
        """Create a visitor that connects through tor on its own circuits."""
        self.visitors += 1
        name = f"visitor {self.visitors}"

        return TextBrowser(
            lambda: open_socks_stream(self.socks, self.onion, 80, isolation=name), self.onion
        )

    def kill_tor(self) -> None:
        """Kill the service's tor with SIGKILL, to simulate a crash."""
        subprocess.run(["pkill", "-KILL", "-f", f"{self.folder}/tor/"], check=True)


def spawn_demo() -> Events:
    """Start a demo and read its events; it is ready after about 15 seconds."""
    return Events(
        subprocess.Popen(
            [sys.executable, "-m", "server", "demo", "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
    )


def start_demo(spawned: Events | None = None) -> Demo:
    """Wait until a demo can be visited. Without `spawned`, start one first."""
    events = spawned or spawn_demo()
    try:
        return Demo(events, events.wait_ready())
    except BaseException:
        events.process.kill()
        raise


END_S = 30.0
"""Limit for the end of the shared demo; `test_terminal_demo.py` tests the five seconds."""


def end_demo(spawned: Events) -> int:
    """Send SIGTERM and return the exit status."""
    with spawned.process as process:
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(timeout=END_S)
        finally:
            process.kill()


@pytest.fixture(scope="session", autouse=True)
def spawned_demo(request: pytest.FixtureRequest) -> Iterator[Events | None]:
    """Start the demo early: it becomes ready while tests of this folder run that do not need it."""
    if not any("demo" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return
    spawned = spawn_demo()
    yield spawned
    if spawned.process.poll() is None:
        end_demo(spawned)


@pytest.fixture(scope="session")
def starting_demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartingDemo | None]:
    """Start the demo of `test_terminal_demo.py`; `None` if no selected test uses it."""
    if not any(
        "terminal_demo" in getattr(item, "fixturenames", ()) for item in request.session.items
    ):
        yield None
        return
    with start_in_terminal(Workspace(tmp_path_factory.mktemp("s"))) as starting:
        yield starting


@pytest.fixture(scope="session")
def demo(spawned_demo: Events | None, starting_demo: StartingDemo | None) -> Iterator[Demo]:
    """The demo that most tests share; it starts beside the one of `test_terminal_demo.py`."""
    running = start_demo(spawned_demo)
    yield running
    assert end_demo(running.events) == 0


@pytest.fixture(scope="session")
def browsers(demo: Demo) -> Iterator[ThreeBrowsers]:
    """Three browsers for the whole run: starting one takes seconds, clearing it only a moment."""
    with ExitStack() as stack:
        first, second, third = (stack.enter_context(open_firefox(demo)) for _ in range(3))
        yield first, second, third


@pytest.fixture(scope="module")
def visitors_in_firefox(browsers: ThreeBrowsers) -> Iterator[ThreeBrowsers]:
    """Three visitors in Firefox, each without a session."""
    yield browsers
    for person in browsers:
        person.clear_session()
