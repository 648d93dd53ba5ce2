"""Checks whether the server listens on TCP: its sockets against the kernel's table of sockets.

Only root may list the sockets of a process that is not dumpable. Other users still see the owner of
each listening socket in the table: if none belongs to the server's user, or all that do are seen in
other processes, the server has none.

Source: proc(5), `/proc/net/tcp`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .findings import Finding, State
from .machine import Machine
from .running_server import RunningServer

NAME = "tcp ports"
LISTEN = "0A"
HINT = "list the program of each port with: sudo ss -ltnp; none may belong to the server"


@dataclass(frozen=True, slots=True)
class _Listener:
    port: int
    uid: int
    inode: int


def check_ports(machine: Machine, server: RunningServer | None) -> Finding:
    """Find whether the web process or its tor listens on a TCP port."""
    if server is None:
        return Finding(NAME, State.HOLDS, "no server runs, so it has no open port")
    pids = [pid for pid in (server.web, server.tor) if pid is not None]
    if any(machine.text(f"proc/{pid}/net/tcp") is None for pid in pids):
        return Finding(NAME, State.UNKNOWN, "the table of tcp sockets cannot be read", HINT)
    own_ports = sorted({entry.port for pid in pids for entry in _certain(machine, pid)})
    if own_ports:
        sentence = f"the server listens on tcp: port {', '.join(map(str, own_ports))}"
        return Finding(NAME, State.FAILS, sentence, HINT)
    unclear = sorted({entry.port for pid in pids for entry in _possible(machine, pid)})
    if unclear:
        ports = ", ".join(map(str, unclear))
        sentence = f"port {ports} is open under the server's user, but its program cannot be seen"
        return Finding(NAME, State.UNKNOWN, sentence, HINT)
    return Finding(NAME, State.HOLDS, "neither the web process nor its tor listens on tcp")


def _certain(machine: Machine, pid: int) -> Iterator[_Listener]:
    """Yield listening sockets that the process certainly holds."""
    inodes = machine.socket_inodes(pid) or frozenset()
    yield from (entry for entry in _table(machine, pid) if entry.inode in inodes)


def _possible(machine: Machine, pid: int) -> Iterator[_Listener]:
    """Yield listening sockets that may belong to a process whose sockets we may not list."""
    if machine.socket_inodes(pid) is not None:
        return
    user = machine.uid(pid)
    elsewhere = frozenset[int]().union(
        *(machine.socket_inodes(other) or () for other in machine.pids() if other != pid)
    )
    for entry in _table(machine, pid):
        if entry.uid == user and entry.inode not in elsewhere:
            yield entry


def _table(machine: Machine, pid: int) -> Iterator[_Listener]:
    """Yield every listening TCP socket in the network namespace of the process."""
    for version in ("tcp", "tcp6"):
        for line in (machine.text(f"proc/{pid}/net/{version}") or "").splitlines()[1:]:
            words = line.split()
            if len(words) > 9 and words[3] == LISTEN:
                port = int(words[1].rpartition(":")[2], 16)
                yield _Listener(port, int(words[7]), int(words[9]))
