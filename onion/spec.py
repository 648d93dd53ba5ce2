"""What to publish: one onion service as tor's configuration describes it.

Source: tor(1), HiddenServiceDir and HiddenServicePort.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePath

from .defences import Defence, defence_options
from .launch.torrc import Option, unix_address

# sockaddr_un.sun_path on Linux is 108 bytes, the last of them a NUL.
MAX_SOCKET_PATH_BYTES = 107


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One onion service: a virtual port, and the unix socket to which tor forwards it."""

    socket: PurePath
    """Where the web process listens: absolute, at most 107 bytes; see `check_socket_path`."""

    virtual_port: int = 80
    """The port in the visitor's URL."""

    def __post_init__(self) -> None:
        check_socket_path(str(self.socket))
        if not 1 <= self.virtual_port <= 65535:
            raise ValueError("a port is a number from 1 to 65535")

    def options(self, folder: PurePath, missing: Collection[Defence] = ()) -> list[Option]:
        """Return the options that publish it with tor's own defences.

        Args:
            folder: mode 0700, with the service's key; see `service_folder`.
            missing: the defences that this tor lacks; their options are left out.
        """
        port = f"{self.virtual_port} {unix_address(self.socket)}"
        # In this order: tor applies every option to the HiddenServiceDir above it.
        return [
            ("HiddenServiceDir", str(folder)),
            ("HiddenServicePort", port),
            *defence_options(missing),
        ]


def check_socket_path(path: str) -> None:
    """Refuse a path that a unix socket cannot have, or that tor or stem cannot take.

    Raises:
        ValueError: relative, too long, not UTF-8, with `=` or with an invisible character.
    """
    if not path.startswith("/"):
        raise ValueError("a socket path must be absolute")
    if any("\ud800" <= c <= "\udfff" for c in path):
        # Python reads bytes that are no UTF-8 in this way. tor would read other ones.
        raise ValueError("a socket path must be UTF-8")
    if len(path.encode()) > MAX_SOCKET_PATH_BYTES:
        raise ValueError(f"a socket path has at most {MAX_SOCKET_PATH_BYTES} bytes")
    if not path.isprintable():
        raise ValueError("a socket path must not hold control or invisible characters")
    if "=" in path:
        # tor names its cookie as COOKIEFILE="…" and stem then splits at the last `=`.
        raise ValueError("a socket path must not hold an equals sign")
