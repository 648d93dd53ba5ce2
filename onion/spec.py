"""What to publish: one onion service as tor's ADD_ONION command describes it.

Source: control-spec, ADD_ONION.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

# sockaddr_un.sun_path on Linux is 108 bytes, the last of them a NUL.
MAX_SOCKET_PATH_BYTES = 107


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One onion service: a virtual port, and the unix socket to which tor forwards it."""

    socket: PurePath
    """Where the web process listens: absolute, at most 107 bytes, nothing that needs quoting."""

    virtual_port: int = 80
    """The port in the visitor's URL."""

    def __post_init__(self) -> None:
        check_socket_path(str(self.socket))
        if not 1 <= self.virtual_port <= 65535:
            raise ValueError("a port is a number from 1 to 65535")

    def add_onion_command(self, key_blob: str) -> str:
        """Render the ADD_ONION command for a key in the form `ED25519-V3:base64`.

        `DiscardPK` keeps tor from sending the key back. `Detach` is absent on purpose: tor then
        drops the service when our control connection ends. The command contains the secret key.
        """
        return f"ADD_ONION {key_blob} Flags=DiscardPK Port={self.virtual_port},unix:{self.socket}"


def check_socket_path(path: str) -> None:
    """Refuse a path that a unix socket cannot have, or that would split a control command.

    Raises:
        ValueError: relative, too long, or with a space, quote, backslash or control character.
    """
    if not path.startswith("/"):
        raise ValueError("a socket path must be absolute")
    if len(path.encode()) > MAX_SOCKET_PATH_BYTES:
        raise ValueError(f"a socket path has at most {MAX_SOCKET_PATH_BYTES} bytes")
    if not path.isprintable() or any(c.isspace() or c in "\"'\\" for c in path):
        raise ValueError("a socket path must not hold spaces, quotes or control characters")
