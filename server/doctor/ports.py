"""Whether the house listens on TCP: its processes' sockets against the kernel's table.

The sockets of a process that is not dumpable are for root's eyes only. To anybody else the table
still tells whose each listening socket is: if none of them is the house's user's, or each of those
is seen in another process, the house has none.

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
HINT = "sudo ss -ltnp names the program of each; nothing of the house may be among them"


@dataclass(frozen=True, slots=True)
class _Listening:
    port: int
    uid: int
    inode: int


def check_ports(machine: Machine, server: RunningServer | None) -> Finding:
    """Find whether the web process or its tor listens on a TCP port."""
    if server is None:
        return Finding(NAME, State.HOLDS, "no house runs, so none of its ports is open")
    pids = [pid for pid in (server.web, server.tor) if pid is not None]
    if any(machine.text(f"proc/{pid}/net/tcp") is None for pid in pids):
        return Finding(NAME, State.UNKNOWN, "the table of tcp sockets cannot be read", HINT)
    ours = sorted({one.port for pid in pids for one in _held(machine, pid)})
    if ours:
        sentence = f"the house listens on tcp: port {', '.join(map(str, ours))}"
        return Finding(NAME, State.FAILS, sentence, HINT)
    open_to_doubt = sorted({one.port for pid in pids for one in _doubtful(machine, pid)})
    if open_to_doubt:
        ports = ", ".join(map(str, open_to_doubt))
        sentence = f"port {ports} is open under the house's user, by what program is not told"
        return Finding(NAME, State.UNKNOWN, sentence, HINT)
    return Finding(NAME, State.HOLDS, "neither the web process nor its tor listens on tcp")


def _held(machine: Machine, pid: int) -> Iterator[_Listening]:
    """Yield those that the process is seen to hold."""
    inodes = machine.socket_inodes(pid) or frozenset()
    yield from (one for one in _table(machine, pid) if one.inode in inodes)


def _doubtful(machine: Machine, pid: int) -> Iterator[_Listening]:
    """Yield those that may be of a process whose sockets we may not see."""
    if machine.socket_inodes(pid) is not None:
        return
    user = machine.uid(pid)
    elsewhere = frozenset[int]().union(
        *(machine.socket_inodes(other) or () for other in machine.pids() if other != pid)
    )
    for one in _table(machine, pid):
        if one.uid == user and one.inode not in elsewhere:
            yield one


def _table(machine: Machine, pid: int) -> Iterator[_Listening]:
    """Yield every listening TCP socket of the network that the process is in."""
    for version in ("tcp", "tcp6"):
        for line in (machine.text(f"proc/{pid}/net/{version}") or "").splitlines()[1:]:
            words = line.split()
            if len(words) > 9 and words[3] == LISTEN:
                port = int(words[1].rpartition(":")[2], 16)
                yield _Listening(port, int(words[7]), int(words[9]))
