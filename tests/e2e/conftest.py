"""One private Tor network for the whole run: `sottovoce demo --json`."""

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
from .nest import Nest
from .opening import Opening, opened
from .people import firefox

Three = tuple[Browser, Browser, Browser]


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
        """The address that a browser opens."""
        return f"http://{self.onion}/"

    def visitor(self) -> TextBrowser:
        """Make a new visitor, who comes through tor on its own circuits."""
        self.visitors += 1
        name = f"visitor {self.visitors}"

        return TextBrowser(
            lambda: open_socks_stream(self.socks, self.onion, 80, isolation=name), self.onion
        )

    def kill_tor(self) -> None:
        """Kill the service's tor, as a crash would."""
        subprocess.run(["pkill", "-KILL", "-f", f"{self.folder}/tor/"], check=True)

    def next_event(self) -> dict[str, str]:
        """Read the next event that it prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the demo ended: {self.process.poll()}"
        self.events.append(json.loads(line))
        return self.events[-1]


def spawn_demo() -> subprocess.Popen[str]:
    """Start a demo; it needs about 15 seconds to come up."""
    return subprocess.Popen(
        [sys.executable, "-m", "server", "demo", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )


def start_demo(process: subprocess.Popen[str] | None = None) -> Demo:
    """Wait until a demo can be visited; start it, unless it was started before."""
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
"""Bound for the shared demo's end; `test_sitting.py` holds it to the contract's five seconds."""


def end_demo(demo: Demo) -> int:
    """Send SIGTERM and return the exit status."""
    demo.process.send_signal(signal.SIGTERM)
    try:
        return demo.process.wait(timeout=END_S)
    finally:
        demo.process.kill()
        assert demo.process.stdout is not None
        demo.process.stdout.close()


EARLY = pytest.StashKey[subprocess.Popen[str]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the network while tests run that do not need it."""
    is_used = any("demo" in getattr(item, "fixturenames", ()) for item in session.items)
    if is_used and not session.config.option.collectonly:
        session.config.stash[EARLY] = spawn_demo()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the demo, also if no test has used it."""
    process = session.config.stash.get(EARLY, None)
    if process is not None and process.poll() is None:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="session")
def opening(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opening | None]:
    """The demo of `test_sitting.py`, if that is among the tests."""
    if not any("sitting" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return
    with opened(Nest(tmp_path_factory.mktemp("s"))) as coming_up:
        yield coming_up


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest, opening: Opening | None) -> Iterator[Demo]:
    """The demo that all other tests share. The one of `test_sitting.py` starts at the same time."""
    running = start_demo(request.config.stash[EARLY])
    yield running
    assert end_demo(running) == 0


@pytest.fixture(scope="session")
def windows(demo: Demo) -> Iterator[Three]:
    """Three browsers: starting one takes seconds, clearing its session only a moment."""
    with ExitStack() as stack:
        first, second, third = (stack.enter_context(firefox(demo)) for _ in range(3))
        yield first, second, third


@pytest.fixture(scope="module")
def strangers(windows: Three) -> Iterator[Three]:
    """Three visitors in Firefox without a session."""
    yield windows
    for person in windows:
        person.forget()
