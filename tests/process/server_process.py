"""The real web process as a child, reached as tor reaches it: over its Unix socket."""

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
ANSWER_S = 60.0
"""How long a test waits for an answer before it fails; a loaded machine takes many seconds."""


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """How a server is started."""

    module: str = "server"
    """The program. Some tests use one of their own, with a fault that the real one lacks."""

    within: Sequence[str | Path] = ()
    """Words in front of the command line, such as `strace`."""

    cwd: Path = TOP
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables of the environment, in addition to those of the tests."""


USUAL = LaunchOptions()


def serve_command(*options: str | Path, module: str = "server") -> list[str]:
    """Return the command line of `sottovoce serve` with these options."""
    return [sys.executable, "-m", module, "serve", *map(str, options)]


def fail_to_serve(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a `serve` that should exit by itself."""
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
        options: for the command, in addition to `--socket`, `--admin-socket` and `--json`.
        around: how it is started.
    """

    def __init__(self, folder: Path, *options: str, around: LaunchOptions = USUAL) -> None:
        self.socket = folder / "web" / "web.sock"
        self.admin_socket = folder / "admin" / "admin.sock"
        sockets = ("--socket", self.socket, "--admin-socket", self.admin_socket)
        command = serve_command(*sockets, "--json", *options, module=around.module)
        self.process = subprocess.Popen(
            [*map(str, around.within), *command],
            cwd=around.cwd,
            env={**os.environ, **around.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a stream to it, as a text browser does."""
        return await asyncio.open_unix_connection(str(self.socket))

    def browser(self, **headers: str) -> TextBrowser:
        """Return a new visitor."""
        return TextBrowser(self.connect, headers=headers)

    @contextlib.contextmanager
    def line(self) -> Iterator[socket.socket]:
        """Open a raw connection, for requests that no browser would send."""
        with self.open_line() as raw:
            yield raw

    def open_line(self) -> socket.socket:
        """Open a raw connection that the caller closes."""
        raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        raw.settimeout(ANSWER_S)
        raw.connect(str(self.socket))
        return raw

    def exchange(self, *writes: bytes) -> bytes:
        """Send these writes on one connection and read until the server closes it."""
        with self.line() as raw:
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
        """Stop it with SIGTERM; return its exit code and all of its output."""
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
    folder: Path, *options: str, around: LaunchOptions = USUAL
) -> Iterator[ServerProcess]:
    """Run a server that is stopped with the block, whatever happens in it."""
    server = ServerProcess(folder, *options, around=around)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()
