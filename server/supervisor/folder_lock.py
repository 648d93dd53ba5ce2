"""Locks the server's folder, so that a second server stops before it changes anything there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.core.errors import OperatorError


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on `folder` while the block runs.

    The kernel releases the lock when the process dies. No lock file is left behind.

    Raises:
        OperatorError: if another program holds it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OperatorError(
            f"another sottovoce is running in {folder}", "end it, or choose another --folder"
        ) from None
    except OSError:
        # Some network file systems cannot lock a folder. On these, a second server is noticed
        # only because the sockets are in use.
        return
