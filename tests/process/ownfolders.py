"""The folders of one house's own: all that it is told of, beside the program itself."""

from __future__ import annotations

import os
from pathlib import Path

from .server_process import TOP, Surroundings
from .traces import Traces


class OwnFolders:
    """Folders for one house that is to know no others.

    Args:
        top: empty; they are made below it.
    """

    def __init__(self, top: Path) -> None:
        self.run, self.cwd, self.home, self.temporary = (
            top / name for name in ("run", "cwd", "home", "tmp")
        )
        self._top = top
        for folder in (self.run, self.cwd, self.home, self.temporary):
            folder.mkdir()

    def around(self, module: str = "server", **variables: str) -> Surroundings:
        """What the house is started in; with more variables, where a test has some."""
        told = {
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            # The program of the tests must be found from another working directory too.
            "PYTHONPATH": os.pathsep.join(filter(None, [str(TOP), os.environ.get("PYTHONPATH")])),
        }
        return Surroundings(module, cwd=self.cwd, variables={**told, **variables})

    def traces(self) -> Traces:
        """How these, the program's own folder and the system's logs stand now."""
        return Traces(self._top, TOP)

    def files(self) -> list[Path]:
        """What stands in them, sockets included."""
        return sorted(path for path in self._top.rglob("*") if not path.is_dir())
