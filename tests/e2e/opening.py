"""A demo in a terminal, which starts while other tests run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from .nest import Nest
from .terminal import Terminal

LAST_WORDS = "leave nothing behind"
"""The last words that a demo prints when it is up."""

BOUND_S = 120.0


@contextmanager
def display() -> Iterator[str]:
    """Start a virtual screen; yield a value for DISPLAY."""
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1200x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


@dataclass(frozen=True, slots=True)
class Opening:
    """A demo whose terminal is being read."""

    nest: Nest
    terminal: Terminal
    screen: str
    coming_up: Future[None]

    def wait(self) -> None:
        """Wait until it is up; from then on only the caller reads the terminal."""
        self.coming_up.result()


@contextmanager
def opened(nest: Nest) -> Iterator[Opening]:
    """Start a demo, and read its terminal meanwhile: it would block when the terminal is full."""
    with (
        display() as screen,
        Terminal(nest, "demo", DISPLAY=screen) as terminal,
        ThreadPoolExecutor(max_workers=1) as reader,
    ):
        coming_up = reader.submit(terminal.wait_for, LAST_WORDS, bound_s=BOUND_S)
        yield Opening(nest, terminal, screen, coming_up)
