"""The running server: found by its admin socket, and looked at as the kernel sees it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from server.process.peer import peer_of
from server.supervisor.paths import Paths

from .findings import Finding, State
from .machine import Machine

NAME = "running server"
ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The processes of a house, by number."""

    web: int
    tor: int | None = None
    """`None` if it has none of its own, or it cannot be seen."""

    supervisor: int | None = None
    """Who started both."""

    @property
    def pids(self) -> list[int]:
        """All that are known."""
        return [pid for pid in (self.web, self.tor, self.supervisor) if pid is not None]


def find_server(machine: Machine, paths: Paths) -> RunningServer | None:
    """Find the house that runs in a folder; `None` if none does."""
    web = listener_of(paths.admin_socket)
    return None if web is None else household(machine, paths, web)


def listener_of(path: Path) -> int | None:
    """Ask the kernel which process listens on a Unix socket; `None` if none that can be seen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_S)
        try:
            connection.connect(str(path))
        except OSError:
            return None
        return peer_of(connection).pid or None


def household(machine: Machine, paths: Paths, web: int) -> RunningServer:
    """Find what belongs to a web process: tor with this folder's torrc, and who started both."""
    torrc, parent = str(paths.tor / "torrc"), machine.status(web).get("PPid")
    for pid in machine.pids():
        arguments = (machine.text(f"proc/{pid}/cmdline") or "").split("\0")
        # A name in a command line proves nothing; the parent is the kernel's word.
        if torrc in arguments and machine.status(pid).get("PPid") == parent and parent:
            return RunningServer(web, pid, int(parent))
    return RunningServer(web)


def check_server(machine: Machine, server: RunningServer | None, paths: Paths) -> Finding:
    """Find whether the web process that runs now is sealed."""
    if server is None:
        return Finding(NAME, State.HOLDS, f"no house runs in {paths.folder}")
    status = machine.status(server.web)
    if not status:
        return Finding(NAME, State.UNKNOWN, "a house runs here, and its process cannot be seen")
    keeps = [
        *(["its system calls"] if status.get("Seccomp") != "2" else []),
        *(["new privileges"] if status.get("NoNewPrivs") != "1" else []),
        *(["core dumps"] if machine.core_limit(server.web) != "0" else []),
        *(["being read by its user's programs"] if machine.is_dumpable(server.web) else []),
    ]
    if keeps:
        sentence = f"the web process (pid {server.web}) has not given up: {', '.join(keeps)}"
        return Finding(NAME, State.FAILS, sentence, "end it, and start it without --unsealed")
    return Finding(NAME, State.HOLDS, f"the web process (pid {server.web}) is sealed")
