"""Who is at the other end of a Unix socket, by the kernel's word. Source: unix(7), SO_PEERCRED."""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

_UCRED = struct.Struct("3i")


class Peer(NamedTuple):
    """A process, as it was when it connected or began to listen."""

    pid: int
    """Zero, if it cannot be seen from here: it is outside of a container."""

    uid: int
    gid: int


def peer_of(connection: socket.socket) -> Peer:
    """Ask who is at the other end."""
    return Peer(
        *_UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    )
