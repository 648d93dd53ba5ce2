"""The paths of a running server's files, below one folder of mode 0700."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from onion import ServiceSpec, check_socket_path
from server.core.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths below one folder.

    Only `web` is used by two programs: the web process listens there, and tor connects.
    """

    folder: Path

    def check(self) -> None:
        """Reject a folder whose path tor, or a socket, cannot take.

        Raises:
            OperatorError: if its path is too long, or see `check_socket_path`.
        """
        try:
            ServiceSpec(self.web_socket)
            # The longest of all paths of sockets.
            check_socket_path(str(self.operator_socket))
        except ValueError as reason:
            hint = "choose a folder with a short, plain path; for the demo, set TMPDIR"
            raise OperatorError(f"{str(self.folder)!r} cannot be used: {reason}", hint) from None

    def check_key(self) -> None:
        """Reject a folder whose key is gone, or is there twice.

        A new key would silently be a new address; of two, the one in the clear has to go.

        Raises:
            OperatorError: if tor has worked in this folder, and there is no key, sealed or not; or
                if there are both.
        """
        is_clear, is_sealed = os.path.lexists(self.key), os.path.lexists(self.sealed_key)
        if is_clear and is_sealed:
            raise OperatorError(
                f"the key is there twice: {self.key.name} and {self.sealed_key.name} in"
                f" {self.folder}",
                f"if you know the passphrase, remove {self.key.name}; if not, move"
                f" {self.sealed_key.name} away",
            )
        if not is_clear and not is_sealed and (self.tor / "data" / "state").exists():
            raise OperatorError(
                f"the key {self.key} is gone, and with it the address of this server",
                f"restore it from a backup; for a new address, also move {self.tor} away",
            )

    @property
    def config(self) -> Path:
        """The configuration file that is read if no other is named; the first start writes it."""
        return self.folder / "sottovoce.toml"

    @property
    def web_socket(self) -> Path:
        """The socket on which the web process accepts visitors, through tor."""
        return self.folder / "web" / "web.sock"

    @property
    def admin_socket(self) -> Path:
        """The socket on which the web process answers the operator."""
        return self.folder / "admin" / "admin.sock"

    @property
    def operator_socket(self) -> Path:
        """The socket on which the supervisor answers the operator."""
        return self.folder / "admin" / "supervisor.sock"

    @property
    def tor(self) -> Path:
        """The data of the service's own tor. It is kept, so that tor keeps its guards."""
        return self.folder / "tor"

    @property
    def key(self) -> Path:
        """The onion service's secret key. Whoever has it can serve the address."""
        return self.folder / "onion.key"

    @property
    def sealed_key(self) -> Path:
        """The key, encrypted with a passphrase; it is there in place of `key`."""
        return self.folder / "onion.key.sealed"
