"""Finds the programs we run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from onion.errors import ProgramMissingError, TorMissingError

# An operator's PATH often lacks the folders of system programs, where tor is.
_SYSTEM_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin")


def find_program(name: str, *, package: str = "", folders: Sequence[str] | None = None) -> Path:
    """Find a program on PATH or where systems keep them.

    Args:
        name: the program, without a folder.
        package: what to install when it is missing; by default named like the program.
        folders: where to look, instead of all that.

    Raises:
        ProgramMissingError: if it is in none of them.
    """
    looked_in = _folders() if folders is None else list(folders)
    found = shutil.which(name, path=os.pathsep.join(looked_in)) if looked_in else None
    if found is None:
        raise ProgramMissingError(name, looked_in, package=package)
    return Path(found).absolute()


def find_tor(folders: Sequence[str] | None = None) -> Path:
    """Find tor; its version is not looked at, see `checked_tor`.

    Raises:
        TorMissingError: if there is none.
    """
    try:
        return find_program("tor", folders=folders)
    except ProgramMissingError:
        raise TorMissingError(_folders() if folders is None else folders) from None


def _folders() -> list[str]:
    own = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return list(dict.fromkeys([*own, *_SYSTEM_FOLDERS]))
