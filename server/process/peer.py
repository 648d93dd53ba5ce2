"""The process at the other end of a Unix socket, from the kernel. Source: unix(7), SO_PEERCRED."""

from __future__ import annotations

import os
import socket
import struct
from typing import NamedTuple

_UCRED = struct.Struct("3i")


class Peer(NamedTuple):
    """A process as it was when it connected or started to listen."""

    pid: int
    """Zero if it is not visible from here, because it is outside of our container."""

    uid: int
    gid: int


def is_operator(connection: socket.socket) -> bool:
    """Whether this user, or root, is at the other end."""
    return peer_of(connection).uid in {os.getuid(), 0}


def peer_of(connection: socket.socket) -> Peer:
    """Ask the kernel for the process at the other end."""
    return Peer(
        *_UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    )
