"""A server that is out of files neither spins nor shuts out newcomers; open streams stay."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from .flood import Membership, PersistentConnection, make_pairs, read_up_to
from .server_process import ANSWER_S, LaunchOptions, ServerProcess, running_server
from .strace import pid_in

pytestmark = [pytest.mark.slow, pytest.mark.checklist(38)]  # each test starts a process of its own

FILES = 60
SILENT = 150
STREAMS = FILES
"""More streams than there are files."""

REAL, WITHOUT_RESERVE = "server", "tests.process.unreserved"


class TracedServer:
    """A server that may open `FILES` files, and a record of how often it tried to accept."""

    def __init__(self, server: ServerProcess, trace: Path) -> None:
        self.server = server
        self._trace = trace

    def calls(self) -> Counter[str]:
        """Stop the server, and count its attempts to accept a connection and its waits."""
        os.kill(pid_in(self._trace), signal.SIGTERM)
        self.server.process.wait(ANSWER_S)
        return Counter(re.findall(r" (accept|epoll_wait)", self._trace.read_text(encoding="utf-8")))


@contextmanager
def traced_server(folder: Path, module: str) -> Iterator[TracedServer]:
    """Run a server with few files, under strace, while the block runs."""
    trace = folder / "trace"
    strace = (
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=accept,accept4,epoll_wait,execve",
        "-e",
        "signal=none",
    )
    prefix = (*strace, "-o", trace, "--", "prlimit", f"--nofile={FILES}:{FILES}")
    kill = ("setpriv", "--pdeathsig", "KILL")
    with running_server(folder, launch=LaunchOptions(module, (*prefix, *kill))) as server:
        yield TracedServer(server, trace)


def ask(server: ServerProcess) -> int:
    """Come as a newcomer; return the status of a page."""
    with closing(PersistentConnection(server)) as connection:
        return connection.ask("GET", "/help").status


def say(server: ServerProcess, member: Membership, text: str) -> None:
    """Post a message on a connection of its own."""
    with closing(PersistentConnection(server)) as connection:
        assert member.post(connection, text).status == 303


@pytest.mark.parametrize("module", [REAL, WITHOUT_RESERVE])
def test_silent_connections_give_way_to_newcomers_and_streams_stay(
    tmp_path: Path, module: str
) -> None:
    with traced_server(tmp_path, module) as traced, ExitStack() as stack:
        server = traced.server
        reader, writer = make_pairs(server, 2)
        stream = stack.enter_context(closing(reader.open_stream(server)))
        for _ in range(SILENT):
            stack.enter_context(closing(server.open_connection()))
        for number in range(20):
            assert ask(server) == 200
            if number % 5 == 0:
                say(server, writer, f"still here {number}")
                read_up_to(stream, f"still here {number}")
        stack.close()
        # Each turn ends with one attempt that finds nobody, or no file.
        assert traced.calls()["accept"] < 3 * (SILENT + 60)


@pytest.mark.parametrize("module", [REAL, WITHOUT_RESERVE])
def test_newcomers_wait_with_the_kernel_while_all_files_are_streams(
    tmp_path: Path, module: str
) -> None:
    with traced_server(tmp_path, module) as traced, ExitStack() as stack:
        server = traced.server
        members = make_pairs(server, STREAMS)
        streams = [
            stack.enter_context(closing(member.request_stream(server))) for member in members
        ]
        # Those that got in stay, and are served, although others wait.
        for stream in streams[:10]:
            assert stream.recv(2**16).startswith(b"HTTP/1.1 200 ")
        waiting = stack.enter_context(closing(server.open_connection()))
        waiting.sendall(b"GET /help HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        waiting.settimeout(3.0)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
        waiting.settimeout(ANSWER_S)
        for stream in streams:
            stream.close()
        assert waiting.recv(2**16).startswith(b"HTTP/1.1 200 ")
        stack.close()
        calls = traced.calls()
        # Some more are from the seconds in which it looked whether there are files again.
        assert calls["accept"] < 4 * STREAMS
        # It waits for what its timers and its visitors do: 470 times were counted.
        assert calls["epoll_wait"] < 3_000
