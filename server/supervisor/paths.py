"""Where a running server keeps what it needs on disk, below one folder of mode 0700."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from onion import ServiceSpec
from server.core.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths below one folder. No two programs share a folder but tor and the web process."""

    folder: Path

    def check(self) -> None:
        """Refuse a folder in which tor could not be told of the socket.

        Raises:
            OperatorError: if its path is too long, or holds spaces, quotes or control characters.
        """
        try:
            ServiceSpec(self.web_socket)
        except ValueError as reason:
            hint = "choose a folder with a short and plain path; of a demo, TMPDIR is the folder"
            raise OperatorError(f"{str(self.folder)!r} cannot be used: {reason}", hint) from None

    @property
    def web_socket(self) -> Path:
        """Where visitors come in, through tor."""
        return self.folder / "web" / "web.sock"

    @property
    def admin_socket(self) -> Path:
        """Where the operator asks."""
        return self.folder / "admin" / "admin.sock"

    @property
    def tor(self) -> Path:
        """Our service's own tor: its state, so that it keeps its guards."""
        return self.folder / "tor"

    @property
    def key(self) -> Path:
        """The onion service's key: who has it is the address."""
        return self.folder / "onion.key"
