"""Creates folders and files that only their owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from onion.errors import folder_error


def make_private_folder(path: Path) -> Path:
    """Create a folder of mode 0700, or set that mode on an existing one.

    Raises:
        FolderError: if that is not possible; DiskFullError if there is no space.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise folder_error(path, error) from None
    return path


def write_private(path: Path, text: str) -> Path:
    """Write a file of mode 0600; an existing file is overwritten.

    Raises:
        FolderError: if that is not possible; DiskFullError if there is no space.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise folder_error(path.parent, error) from None
    return path
