"""The real web process as a child, reached over its Unix socket as tor reaches it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.demo.text_browser import TextBrowser

TOP = Path(__file__).parents[2]
DRAW_EVERY_S = 0.005
"""Seconds between two draws: a request for a match waits for two of them."""

ANSWER_S = 60.0
"""Time limit of a test for one answer; a loaded machine takes many seconds."""


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """How to start a server process."""

    module: str = "server"
    """The module to run. Some tests run their own, with a fault that the real one lacks."""

    prefix: Sequence[str | Path] = ()
    """Words before the command line, such as `strace`."""

    cwd: Path = TOP
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables, in addition to those of the test process."""


USUAL = LaunchOptions()


def serve_command(*options: str | Path, module: str = "server") -> list[str]:
    """Return the command line of `sottovoce serve` with these options."""
    return [sys.executable, "-m", module, "serve", *map(str, options)]


def fail_to_serve(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a `serve` command that is expected to exit by itself."""
    return subprocess.run(
        serve_command(*options),
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=ANSWER_S,
        check=False,
    )


class ServerProcess:
    """A running `sottovoce serve`.

    Args:
        folder: where its sockets are created.
        options: passed to the command after `--socket`, `--admin-socket` and `--json`.
        launch: how to start it.
    """

    def __init__(self, folder: Path, *options: str, launch: LaunchOptions = USUAL) -> None:
        self.socket = folder / "web" / "web.sock"
        self.admin_socket = folder / "admin" / "admin.sock"
        sockets = ("--socket", self.socket, "--admin-socket", self.admin_socket)
        draws = ("--draw-every", str(DRAW_EVERY_S))
        command = serve_command(*sockets, *draws, "--json", *options, module=launch.module)
        self.process = subprocess.Popen(
            [*map(str, launch.prefix), *command],
            cwd=launch.cwd,
            env={**os.environ, **launch.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection, as `TextBrowser` expects."""
        return await asyncio.open_unix_connection(str(self.socket))

    def browser(self, **headers: str) -> TextBrowser:
        """Return a new visitor."""
        return TextBrowser(self.connect, headers=headers)

    @contextlib.contextmanager
    def raw_connection(self) -> Iterator[socket.socket]:
        """Open a raw connection during the block, for requests that no browser would send."""
        with self.open_connection() as raw:
            yield raw

    def open_connection(self) -> socket.socket:
        """Open a raw connection that the caller closes."""
        raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        raw.settimeout(ANSWER_S)
        raw.connect(str(self.socket))
        return raw

    def exchange(self, *writes: bytes) -> bytes:
        """Write each of these on one connection, then read until the server closes it."""
        with self.raw_connection() as raw:
            for data in writes:
                raw.sendall(data)
            return read_all(raw)

    def ask_admin(self, line: bytes) -> dict[str, Any]:
        """Send one line to the admin socket and read its answer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
            raw.settimeout(ANSWER_S)
            raw.connect(str(self.admin_socket))
            raw.sendall(line)
            answer = read_all(raw)
        assert answer.count(b"\n") == 1
        fields: dict[str, Any] = json.loads(answer)
        return fields

    def stop(self) -> tuple[int, str, str]:
        """Stop it with SIGTERM; return its exit code, its output and its errors."""
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=ANSWER_S)
        return self.process.returncode, self.first_line + out, err


def read_all(raw: socket.socket) -> bytes:
    """Read until the other end closes."""
    parts = []
    while part := raw.recv(2**16):
        parts.append(part)
    return b"".join(parts)


@contextlib.contextmanager
def running_server(
    folder: Path, *options: str, launch: LaunchOptions = USUAL
) -> Iterator[ServerProcess]:
    """Run a server during the block; it is stopped even if the block raises."""
    server = ServerProcess(folder, *options, launch=launch)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()
