"""A demo in a terminal that starts while other tests run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from select import select

from .terminal import Terminal
from .workspace import Workspace

LAST_LINE = "leave nothing behind"
"""The end of what a demo prints when it is ready."""

BOUND_S = 120.0


@contextmanager
def display() -> Iterator[str]:
    """Run a virtual screen; yield its value for DISPLAY."""
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1200x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            assert select([server.stdout], [], [], BOUND_S)[0], "no screen was opened"
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


@dataclass(frozen=True, slots=True)
class StartingDemo:
    """A demo that is starting, and whose terminal is being read."""

    workspace: Workspace
    terminal: Terminal
    screen: str
    startup: Future[None]

    def wait(self) -> None:
        """Wait until the demo is ready; from then on only the caller reads the terminal."""
        self.startup.result()


@contextmanager
def start_in_terminal(workspace: Workspace) -> Iterator[StartingDemo]:
    """Start a demo and read its terminal meanwhile: a full terminal would block the demo."""
    with (
        display() as screen,
        Terminal(workspace, "demo", DISPLAY=screen) as terminal,
        ThreadPoolExecutor(max_workers=1) as reader,
    ):
        startup = reader.submit(terminal.wait_for, LAST_LINE, bound_s=BOUND_S)
        yield StartingDemo(workspace, terminal, screen, startup)
