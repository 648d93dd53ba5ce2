"""Has freed memory overwritten: the program starts itself again, with other settings.

Python cannot wipe a string; what it frees lies in memory until that piece is used for something
else. The C library can be told to overwrite what it is given back, where it is glibc. Three
settings are needed, and all are read once, when a program starts:

    PYTHONMALLOC=malloc    each piece is the C library's; Python's own pools overwrite nothing
    malloc.perturb=255     a freed piece is filled with 0xFF, a new one with 0x00
    malloc.tcache_count=0  a piece in the cache of a thread would not be filled

The last eight bytes of a small freed piece are not filled: of a short text its last seven
characters can stay until the piece is used again.

Source: glibc manual, "Memory Allocation Tunables"; `free_perturb` in its `malloc.c`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from .environment import plain_environment

TUNABLES: Mapping[str, str] = {"glibc.malloc.perturb": "255", "glibc.malloc.tcache_count": "0"}

AGAIN = "SOTTOVOCE_STARTED_AGAIN"
"""Marks the second start: where a setting is taken away on the way, there is no third."""

PROBED_BYTES = (120, 400, 4_000)
"""Sizes of pieces that are kept apart in glibc, and the first two by Python's pools."""

PROBE_S = 20.0
PROBE = (
    "from server.sandbox.allocator import allocator_holds; raise SystemExit(not allocator_holds())"
)


def start_again() -> None:
    """Become the same program, same arguments, in a plain environment with the settings.

    Once; nothing may be open yet that is not to be inherited. Without glibc there are no settings.
    """
    plain = plain_environment(os.environ)
    wanted = with_settings(plain) if is_glibc() else plain
    if AGAIN in os.environ or wanted == dict(os.environ):
        return
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**wanted, AGAIN: "1"})  # noqa: S606


def with_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment with the settings in it; what else it says to glibc stays."""
    pairs = [part.partition("=") for part in environment.get("GLIBC_TUNABLES", "").split(":")]
    others = {name: value for name, _, value in pairs if name and name not in TUNABLES}
    tunables = ":".join(f"{name}={value}" for name, value in {**others, **TUNABLES}.items())
    return {**environment, "PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": tunables}


def is_glibc() -> bool:
    """Whether the C library is one that has these settings."""
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (ValueError, OSError):  # another library has no such name
        return False


def allocator_holds() -> bool:
    """Whether this process overwrites what it frees: tried, not concluded from its settings.

    Must be asked before the process gives up reading files; where it cannot look, it says no.
    """
    if not is_glibc():
        return False
    try:
        with open("/proc/self/mem", "rb", buffering=0) as memory:
            return all(_is_gone(memory.fileno(), size) for size in PROBED_BYTES)
    except OSError:
        return False


def _is_gone(memory: int, size: int) -> bool:
    """Free a piece, and look at where it was."""
    kept, mark = bytearray(size), os.urandom(8)
    piece = mark * (size // len(mark))
    address = id(piece)
    del piece
    # Into a buffer that is there already: a new one could be the very piece.
    try:
        os.preadv(memory, [kept], address)
    except OSError:  # not even mapped any more
        return True
    return mark not in kept


def allocator_can_hold() -> bool:
    """Whether a process that is started here with the settings overwrites what it frees."""
    told = subprocess.run(  # noqa: S603 our own interpreter
        [sys.executable, "-c", PROBE],
        env=with_settings(plain_environment(os.environ)),
        capture_output=True,
        timeout=PROBE_S,
        check=False,
    )
    return told.returncode == 0
