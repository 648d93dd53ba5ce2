"""Everything that the web process gives up before it serves, in the order that works."""

from __future__ import annotations

import os
import sysconfig
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
"""Landlock and seccomp both ask for it."""

HINT = "see what the machine lacks, or start it with --unsealed; every page then says so"

LIBRARIES = ("stdlib", "platstdlib", "purelib", "platlib")
"""Where Python may still have to read a module that is imported when it is first needed."""


def lock_down(own_folders: Iterable[Path]) -> None:
    """Give up new privileges, core dumps, being read by others, files, sockets and connections.

    For this process and for ever. What is open stays open, and connections can be accepted.

    Args:
        own_folders: where its sockets stand, whose files it removes at the end.

    Raises:
        OperatorError: if one of these cannot be given up here.
    """
    folders = [folder.resolve() for folder in own_folders]
    if threads() > 1:
        raise OperatorError("a thread runs already, which would keep its ways out", HINT)
    readable = _program_folders()
    for folder in folders:
        _check_apart(folder, readable)
    try:
        disable_core_dumps()
        prctl(PR_SET_DUMPABLE, 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        # Where it was started tells of whose machine it is.
        os.chdir("/")
        restrict_files(readable, [folder for folder in folders if _holds_sockets_alone(folder)])
        refuse_calls()
    except OperatorError as error:
        raise OperatorError(str(error), error.hint or HINT) from None


def threads() -> int:
    """How many threads this process has, those too that Python knows nothing of."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:  # no /proc here
        return threading.active_count()


def _program_folders() -> list[Path]:
    """The program's own folders: the libraries that it may still import, and itself."""
    places = {Path(sysconfig.get_path(name)).resolve() for name in LIBRARIES}
    places.add(Path(__file__).resolve().parents[1])
    return sorted(place for place in places if place.exists())


def _check_apart(folder: Path, readable: Iterable[Path]) -> None:
    """Pass if nothing can be read where the sockets stand, and the keys beside them.

    Raises:
        OperatorError: otherwise.
    """
    if any(folder.is_relative_to(place) for place in readable):
        raise OperatorError(f"{folder} lies inside of the program", "choose another folder")


def _holds_sockets_alone(folder: Path) -> bool:
    """Whether nothing of anybody else's could be removed there.

    If not, the sockets' files stay when the process ends, and the next start replaces them.
    """
    return all(path.is_socket() for path in folder.iterdir())
