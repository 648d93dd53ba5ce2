"""Python's own debugging doors: variables that make it show, keep or open what it works on.

Six of them were set for a house with conversations in it (development mode, asyncio's and
tracemalloc's, fault handler, warnings, inspection): no word of a visitor came out, because the
house has switched all logging off. Those that show objects fail here all the same: that no word
comes out would hang on this one thing. Those that show names of functions and files are told.

Source: Python, "Command line and environment".
"""

from __future__ import annotations

from collections.abc import Mapping

from .findings import Finding, State
from .machine import Machine, Pid

NAME = "python"

SHOW_OBJECTS = frozenset(
    {
        "PYTHONASYNCIODEBUG",
        "PYTHONDEVMODE",
        "PYTHONDUMPREFS",
        "PYTHONDUMPREFSFILE",
        "PYTHONINSPECT",
        "PYTHONPERFSUPPORT",  # writes a file in the folder for temporary ones
        "PYTHONWARNINGS",
    }
)
SHOW_NAMES = frozenset({"PYTHONFAULTHANDLER", "PYTHONTRACEMALLOC", "PYTHONVERBOSE"})


def check_environment(machine: Machine, server: Pid | None) -> Finding:
    """Find debugging doors that are open here, or in the running server where we may look.

    Args:
        machine: its environment is what a supervisor that is started from here would have, and
            the web process until it starts itself again in a plain one.
        server: the web process.
    """
    is_set = _is_set(machine.environ)
    if server is not None:
        text = machine.text(f"proc/{server}/environ") or ""
        is_set |= _is_set(dict(pair.partition("=")[::2] for pair in text.split("\0")))
    hint = f"unset {' '.join(sorted(is_set))}, and start the house after it"
    if is_set & SHOW_OBJECTS:
        names = ", ".join(sorted(is_set & SHOW_OBJECTS))
        return Finding(NAME, State.FAILS, f"python may show what it works on: {names}", hint)
    if is_set:
        sentence = f"python may show names of functions and files: {', '.join(sorted(is_set))}"
        return Finding(NAME, State.NOTED, sentence, hint)
    return Finding(NAME, State.HOLDS, "none of python's debugging doors is open")


def _is_set(environ: Mapping[str, str]) -> set[str]:
    return {name for name in SHOW_OBJECTS | SHOW_NAMES if environ.get(name, "") not in {"", "0"}}
