"""Checks for Python's debugging variables, which make it print, keep or expose data.

Six of them were tested on a server with conversations in it (development mode, asyncio's and
tracemalloc's, fault handler, warnings, inspection): nothing that a visitor wrote was printed,
because the server switches all logging off. Variables that print objects fail the check anyway:
otherwise that one measure would be the only protection. Variables that print names of functions
and files are noted.

Source: Python, "Command line and environment".
"""

from __future__ import annotations

from collections.abc import Mapping

from .findings import Finding, State
from .machine import Machine, Pid

NAME = "python"

PRINTING_OBJECTS = frozenset(
    {
        "PYTHONASYNCIODEBUG",
        "PYTHONDEVMODE",
        "PYTHONDUMPREFS",
        "PYTHONDUMPREFSFILE",
        "PYTHONINSPECT",
        "PYTHONPERFSUPPORT",  # writes a file into the folder for temporary files
        "PYTHONWARNINGS",
    }
)
PRINTING_NAMES = frozenset({"PYTHONFAULTHANDLER", "PYTHONTRACEMALLOC", "PYTHONVERBOSE"})


def check_environment(machine: Machine, server: Pid | None) -> Finding:
    """Find debugging variables that are set here, or in the running server if we may look.

    Args:
        machine: its environment is inherited by a supervisor that is started from here, and by
            the web process until it re-executes itself with a minimal environment.
        server: the web process.
    """
    is_set = _is_set(machine.environ)
    if server is not None:
        text = machine.text(f"proc/{server}/environ") or ""
        is_set |= _is_set(dict(pair.partition("=")[::2] for pair in text.split("\0")))
    hint = f"run `unset {' '.join(sorted(is_set))}`, then start the server"
    if is_set & PRINTING_OBJECTS:
        names = ", ".join(sorted(is_set & PRINTING_OBJECTS))
        return Finding(NAME, State.FAILS, f"python may print data of visitors: {names}", hint)
    if is_set:
        sentence = f"python may print names of functions and files: {', '.join(sorted(is_set))}"
        return Finding(NAME, State.NOTED, sentence, hint)
    return Finding(NAME, State.HOLDS, "no debugging variable of python is set")


def _is_set(environ: Mapping[str, str]) -> set[str]:
    return {
        name for name in PRINTING_OBJECTS | PRINTING_NAMES if environ.get(name, "") not in {"", "0"}
    }
