"""Runs one private Tor network for all end-to-end tests: `sottovoce demo --json`."""

from __future__ import annotations

import json
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

from .marionette import Browser
from .people import open_firefox
from .starting_demo import StartingDemo, start_in_terminal
from .workspace import Workspace

ThreeBrowsers = tuple[Browser, Browser, Browser]


@dataclass(slots=True)
class Demo:
    """A running demo, with the addresses of its `ready` event."""

    process: subprocess.Popen[str]
    events: list[dict[str, str]]
    onion: str
    socks: str
    web_socket: Path
    admin_socket: Path
    visitors: int = 0

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

    def next_event(self) -> dict[str, str]:
        """Wait for the next event of the demo and return it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the demo ended: {self.process.poll()}"
        self.events.append(json.loads(line))
        return self.events[-1]


def spawn_demo() -> subprocess.Popen[str]:
    """Start a demo; it is ready after about 15 seconds."""
    return subprocess.Popen(
        [sys.executable, "-m", "server", "demo", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )


def start_demo(process: subprocess.Popen[str] | None = None) -> Demo:
    """Wait until a demo can be visited. Without `process`, start one first."""
    process = process or spawn_demo()
    demo = Demo(process, [], "", "", Path(), Path())
    try:
        while (event := demo.next_event())["event"] != "ready":
            pass
    except BaseException:
        process.kill()
        process.communicate()
        raise
    demo.onion, demo.socks = event["onion"], event["socks"]
    demo.web_socket, demo.admin_socket = Path(event["web_socket"]), Path(event["admin_socket"])
    return demo


END_S = 30.0
"""Limit for the end of the shared demo; `test_terminal_demo.py` tests the contract's five seconds."""


def end_demo(demo: Demo) -> int:
    """Send SIGTERM and return the exit status."""
    demo.process.send_signal(signal.SIGTERM)
    try:
        return demo.process.wait(timeout=END_S)
    finally:
        demo.process.kill()
        assert demo.process.stdout is not None
        demo.process.stdout.close()


STARTED_EARLY = pytest.StashKey[subprocess.Popen[str]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the demo early: it becomes ready while tests run that do not need it."""
    is_used = any("demo" in getattr(item, "fixturenames", ()) for item in session.items)
    if is_used and not session.config.option.collectonly:
        session.config.stash[STARTED_EARLY] = spawn_demo()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the demo, even if no test has used it."""
    process = session.config.stash.get(STARTED_EARLY, None)
    if process is not None and process.poll() is None:
        process.terminate()
        process.communicate()


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
def demo(request: pytest.FixtureRequest, starting_demo: StartingDemo | None) -> Iterator[Demo]:
    """The demo that all other tests share. It starts together with the one of `test_terminal_demo.py`."""
    running = start_demo(request.config.stash[STARTED_EARLY])
    yield running
    assert end_demo(running) == 0


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
