"""Separate folders for one server: the only ones it gets besides the program itself."""

from __future__ import annotations

import os
from pathlib import Path

from .server_process import TOP, LaunchOptions
from .traces import Traces


class PrivateFolders:
    """Working directory, home, temporary folder and socket folder of one server.

    Args:
        top: an empty folder in which they are created.
    """

    def __init__(self, top: Path) -> None:
        self.run, self.cwd, self.home, self.temporary = (
            top / name for name in ("run", "cwd", "home", "tmp")
        )
        self._top = top
        for folder in (self.run, self.cwd, self.home, self.temporary):
            folder.mkdir()

    def launch_options(self, module: str = "server", **variables: str) -> LaunchOptions:
        """Return the options that start a server in these folders."""
        own = {
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            # The working directory is another one; the modules of the tests must still be found.
            "PYTHONPATH": os.pathsep.join(filter(None, [str(TOP), os.environ.get("PYTHONPATH")])),
        }
        return LaunchOptions(module, cwd=self.cwd, variables={**own, **variables})

    def traces(self) -> Traces:
        """Record the state of these folders, of the program's folder and of the system's logs."""
        return Traces(self._top, TOP)

    def files(self) -> list[Path]:
        """Return all files in the folders, sockets included."""
        return sorted(path for path in self._top.rglob("*") if not path.is_dir())
