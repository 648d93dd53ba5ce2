"""Finds the running server by its admin socket, and checks its sandbox as the kernel sees it."""

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
    """The process ids of a running server."""

    web: int
    tor: int | None = None
    """`None` if it has no tor of its own, or it cannot be seen."""

    supervisor: int | None = None
    """The process that started both."""

    @property
    def pids(self) -> list[int]:
        """All ids that are known."""
        return [pid for pid in (self.web, self.tor, self.supervisor) if pid is not None]


def find_server(machine: Machine, paths: Paths) -> RunningServer | None:
    """Find the server that runs in a folder; `None` if none does."""
    web = listening_process(paths.admin_socket)
    return None if web is None else find_processes(machine, paths, web)


def listening_process(path: Path) -> int | None:
    """Return the process that listens on a Unix socket; `None` if there is none we can see."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_S)
        try:
            connection.connect(str(path))
        except OSError:
            return None
        return peer_of(connection).pid or None


def find_processes(machine: Machine, paths: Paths, web: int) -> RunningServer:
    """Find the other processes: tor with this folder's torrc, and the common parent."""
    torrc, parent = str(paths.tor / "torrc"), machine.status(web).get("PPid")
    for pid in machine.pids():
        arguments = (machine.text(f"proc/{pid}/cmdline") or "").split("\0")
        # Anybody can put a path into a command line; the parent is reported by the kernel.
        if torrc in arguments and machine.status(pid).get("PPid") == parent and parent:
            return RunningServer(web, pid, int(parent))
    return RunningServer(web)


def check_server(machine: Machine, server: RunningServer | None, paths: Paths) -> Finding:
    """Find whether the running web process is in its sandbox."""
    if server is None:
        return Finding(NAME, State.HOLDS, f"no server runs in {paths.folder}")
    status = machine.status(server.web)
    if not status:
        return Finding(NAME, State.UNKNOWN, "a server runs here, but its process cannot be seen")
    gaps = [
        *(["its system calls are not filtered"] if status.get("Seccomp") != "2" else []),
        *(["it can gain privileges"] if status.get("NoNewPrivs") != "1" else []),
        *(["it can leave a core dump"] if machine.core_limit(server.web) != "0" else []),
        *(["its user's programs can read it"] if machine.is_dumpable(server.web) else []),
    ]
    if gaps:
        sentence = f"the web process (pid {server.web}) is not sandboxed: {', '.join(gaps)}"
        return Finding(NAME, State.FAILS, sentence, "stop it, and start it without --unsealed")
    return Finding(NAME, State.HOLDS, f"the web process (pid {server.web}) is sandboxed")
