"""Where a running house keeps what it needs on disk, below one folder of mode 0700."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """The paths below one folder. No two programs share a folder but tor and the web process."""

    folder: Path

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
