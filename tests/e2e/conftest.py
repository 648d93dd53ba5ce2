"""One private Tor network for the whole run: `sottovoce demo`, as a program sees it."""

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
    """A running demo, and what its `ready` line said."""

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
        """What a browser opens."""
        return f"http://{self.onion}/"

    def visitor(self) -> TextBrowser:
        """Somebody new, on circuits of their own, through tor."""
        self.visitors += 1
        name = f"visitor {self.visitors}"

        return TextBrowser(
            lambda: open_socks_stream(self.socks, self.onion, 80, isolation=name), self.onion
        )

    def kill_tor(self) -> None:
        """Kill the service's tor, as a crash would."""
        subprocess.run(["pkill", "-KILL", "-f", f"{self.folder}/tor/"], check=True)

    def next_event(self) -> dict[str, str]:
        """The next line that it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the demo ended: {self.process.poll()}"
        self.events.append(json.loads(line))
        return self.events[-1]


def spawn_demo() -> subprocess.Popen[str]:
    """Start a demo; it takes a quarter of a minute to come up."""
    return subprocess.Popen(
        [sys.executable, "-m", "server", "demo", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )


def start_demo(process: subprocess.Popen[str] | None = None) -> Demo:
    """Start a demo, or take one that is coming up, and wait until its address can be visited."""
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


def end_demo(demo: Demo) -> int:
    """Tell it to end, and give its exit status."""
    demo.process.send_signal(signal.SIGTERM)
    try:
        return demo.process.wait(timeout=5)
    finally:
        demo.process.kill()
        assert demo.process.stdout is not None
        demo.process.stdout.close()


EARLY = pytest.StashKey[subprocess.Popen[str]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the network come up while the tests that need none are run."""
    is_used = any("demo" in getattr(item, "fixturenames", ()) for item in session.items)
    if is_used and not session.config.option.collectonly:
        session.config.stash[EARLY] = spawn_demo()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End it, also when no test came to use it."""
    process = session.config.stash.get(EARLY, None)
    if process is not None and process.poll() is None:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="session")
def opening(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opening | None]:
    """The demo of `test_sitting.py`, where that is among the tests."""
    if not any("sitting" in getattr(item, "fixturenames", ()) for item in request.session.items):
        yield None
        return
    with opened(Nest(tmp_path_factory.mktemp("s"))) as coming_up:
        yield coming_up


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest, opening: Opening | None) -> Iterator[Demo]:
    """The one that all other tests share. The sitting's comes up beside it."""
    running = start_demo(request.config.stash[EARLY])
    yield running
    assert end_demo(running) == 0


@pytest.fixture(scope="session")
def windows(demo: Demo) -> Iterator[Three]:
    """Three people's browsers: to start one takes seconds, to become somebody else a moment."""
    with ExitStack() as stack:
        first, second, third = (stack.enter_context(firefox(demo)) for _ in range(3))
        yield first, second, third


@pytest.fixture(scope="module")
def strangers(windows: Three) -> Iterator[Three]:
    """Three in Firefox whom nobody has seen before."""
    yield windows
    for person in windows:
        person.forget()
