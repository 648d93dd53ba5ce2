"""Enters the web process's sandbox before it serves: all steps, in the order that works."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from server.core.errors import OperatorError

from .core_dumps import disable_core_dumps
from .landlock import restrict_files
from .libc import prctl
from .seccomp import refuse_calls

PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
"""Landlock and seccomp both require it."""

HINT = "fix the machine, or start the server with --unsealed; every page then says so"


def lock_down(socket_folders: Iterable[Path]) -> None:
    """Enter the sandbox: no new privileges, core dumps, files, sockets or outgoing connections.

    Other processes of the same user can no longer read this one. Open files stay open, and the
    process can still accept connections. It can ask nothing about files any more: what it needs is
    read before, modules that it imports late included. None of this can be undone.

    Args:
        socket_folders: folders of its sockets, whose files it removes at the end.

    Raises:
        OperatorError: if one of these steps is not possible here.
    """
    folders = [folder.resolve() for folder in socket_folders]
    if count_threads() > 1:
        raise OperatorError("another thread runs already and would not be sandboxed", HINT)
    try:
        disable_core_dumps()
        prctl(PR_SET_DUMPABLE, 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        # The working directory could reveal whose machine this is.
        os.chdir("/")
        restrict_files([folder for folder in folders if holds_only_sockets(folder)])
        refuse_calls()
    except OperatorError as error:
        raise OperatorError(str(error), error.hint or HINT) from None


def count_threads() -> int:
    """Return the number of threads of this process, including those unknown to Python."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:  # no /proc
        return threading.active_count()


def holds_only_sockets(folder: Path) -> bool:
    """Whether a folder contains only sockets, so that no other file could be removed there.

    If not, the sockets' files stay when the process ends, and the next start replaces them.
    """
    return all(path.is_socket() for path in folder.iterdir())
