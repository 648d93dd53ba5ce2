"""Everything that the web process gives up before it serves, in the order that works."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from server.core.errors import OperatorError

from .cores import leave_no_core
from .landlock import restrict_files
from .libc import prctl
from .seccomp import refuse_calls

PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
"""Landlock and seccomp both ask for it."""

HINT = "see what the machine lacks, or start it with --unsealed; every page then says so"


def give_up_ways_out(own_folders: Iterable[Path]) -> None:
    """Give up new privileges, core dumps, being read by others, files, sockets and connections.

    For this process and for ever. What is open stays open, and connections can be accepted.

    Args:
        own_folders: where its sockets stand, whose files it removes at the end.

    Raises:
        OperatorError: if one of these cannot be given up here.
    """
    if threading.active_count() > 1:
        raise OperatorError("a thread runs already, which would keep its ways out", HINT)
    try:
        leave_no_core()
        prctl(PR_SET_DUMPABLE, 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        restrict_files(_program_files(), own_folders)
        refuse_calls()
    except OperatorError as error:
        raise OperatorError(str(error), error.hint or HINT) from None


def _program_files() -> list[Path]:
    """What Python may still have to read: modules that are imported when they are first needed."""
    places = {Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[2]}
    places |= {Path(entry) for entry in sys.path if entry}
    return sorted(place for place in places if place.exists())
