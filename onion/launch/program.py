"""Finds installed programs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from onion.errors import ProgramMissingError, TorMissingError

# An operator's PATH often lacks the folders of system programs, where tor is installed.
_SYSTEM_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin")


def find_program(name: str, *, package: str = "", folders: Sequence[str] | None = None) -> Path:
    """Find a program on PATH or in the usual system folders.

    Args:
        name: the file name of the program, without a folder.
        package: the package that contains it, for the hint; by default the name of the program.
        folders: where to look instead.

    Raises:
        ProgramMissingError: if it is in none of these folders.
    """
    looked_in = _folders() if folders is None else list(folders)
    found = shutil.which(name, path=os.pathsep.join(looked_in)) if looked_in else None
    if found is None:
        raise ProgramMissingError(name, looked_in, package=package)
    return Path(found).absolute()


def find_tor(folders: Sequence[str] | None = None) -> Path:
    """Find tor. Its version is not checked; see `checked_tor`.

    Raises:
        TorMissingError: if it is not installed.
    """
    try:
        return find_program("tor", folders=folders)
    except ProgramMissingError:
        raise TorMissingError(_folders() if folders is None else folders) from None


def _folders() -> list[str]:
    on_path = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return list(dict.fromkeys([*on_path, *_SYSTEM_FOLDERS]))
