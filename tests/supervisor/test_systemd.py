"""systemd is told about the start, the state, signs of life and the end, on a real socket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.supervisor.systemd import NotifyingReport, Systemd

from .fakes import BOUND_S, FakeReport


@contextmanager
def notify_socket(address: str) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(BOUND_S)
        listening.bind(address)
        yield listening


def read(listening: socket.socket) -> list[str]:
    return listening.recv(4096).decode().split("\n")


@pytest.mark.parametrize("is_abstract", [False, True])
def test_start_is_reported_and_extends_its_limit(tmp_path: Path, *, is_abstract: bool) -> None:
    path = f"sottovoce test {os.getpid()}" if is_abstract else str(tmp_path / "notify")
    named, bound = (f"@{path}", f"\0{path}") if is_abstract else (path, path)
    report = FakeReport()
    with notify_socket(bound) as listening:
        notifying = NotifyingReport(report, Systemd({"NOTIFY_SOCKET": named}))
        notifying.bootstrap(45, "Loading")
        notifying.ready("a.onion", None, "web", "admin")
        status, extension = read(listening)
        assert status == "STATUS=starting: 45 %"
        assert extension.startswith("EXTEND_TIMEOUT_USEC=")
        assert read(listening) == ["READY=1"]
    assert report.steps == [(45, "Loading")], "the operator reads it, too"


async def test_watchdog_hears_nothing_while_a_child_is_silent(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    alive = [True, True, False, False, True]
    silent = asyncio.Event()

    def is_alive() -> bool:
        if not alive:
            silent.set()
            return False
        return alive.pop(0)

    with notify_socket(path) as listening:
        environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "2000"}
        watching = asyncio.ensure_future(Systemd(environment).watch(is_alive))
        async with asyncio.timeout(BOUND_S):
            await silent.wait()
        watching.cancel()
        assert [read(listening) for _ in range(3)] == [["WATCHDOG=1"]] * 3
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            read(listening)


def test_children_do_not_inherit_the_socket() -> None:
    environment = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "7", "WATCHDOG_PID": "1", "PATH": "/"}
    systemd = Systemd(environment)
    assert environment == {"PATH": "/"}
    assert systemd.watchdog_s is None, "the watchdog is that of another process"


def test_nobody_has_to_listen(tmp_path: Path) -> None:
    Systemd({}).send("READY=1")
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).send("READY=1")
