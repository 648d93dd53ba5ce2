"""Keeps a folder for one running server: a second one is told, before it touches anything."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.core.errors import OperatorError


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold `folder` while the block runs. The kernel lets go when we die; nothing is left behind.

    Raises:
        OperatorError: if another program holds it.
    """
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(number, folder)
        yield
    finally:
        os.close(number)


def _lock(number: int, folder: Path) -> None:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OperatorError(
            f"another sottovoce is running in {folder}", "end it, or choose another --folder"
        ) from None
    except OSError:
        # Some network disks lock no folders; there, only the sockets in use give a second one away.
        return
