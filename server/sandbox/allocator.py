"""Makes the C library overwrite freed memory: the program re-executes itself with other settings.

Python cannot wipe a string. What it frees stays in memory until that memory is used again. glibc
can overwrite memory when it is freed. This takes three settings, which are read once, when a
program starts:

    PYTHONMALLOC=malloc    every block comes from the C library; Python's pools overwrite nothing
    malloc.perturb=255     a freed block is filled with 0xFF, a new one with 0x00
    malloc.tcache_count=0  a block in the cache of a thread would not be filled

The last eight bytes of a small freed block are not filled: of a short text, the last seven
characters can stay until the block is used again.

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
"""Marks a process that was re-executed, so that a setting that gets lost causes no third start."""

CONFIGURING = "SOTTOVOCE_"
"""Beginning of the names of variables that set keys of the configuration."""

PROBED_BYTES = (120, 400, 4_000)
"""Block sizes that glibc manages in different ways. Python's pools would serve the first two."""

PROBE_S = 20.0
PROBE = (
    "from server.sandbox.allocator import overwrites_freed_memory as is_overwritten;"
    "raise SystemExit(not is_overwritten())"
)


def reexec() -> None:
    """Replace this process by the same program and arguments, in a minimal environment.

    The environment contains the settings if the C library is glibc, and the variables that set keys
    of the configuration: whoever starts this command by hand has nothing else to hand them over.
    Happens at most once. No file may be open yet that the new program must not inherit.
    """
    configuring = {name: text for name, text in os.environ.items() if name.startswith(CONFIGURING)}
    plain = {**plain_environment(os.environ), **configuring}
    wanted = with_allocator_settings(plain) if is_glibc() else plain
    if AGAIN in os.environ or wanted == dict(os.environ):
        return
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**wanted, AGAIN: "1"})  # noqa: S606


def with_allocator_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with the settings added. Other glibc tunables stay."""
    pairs = [part.partition("=") for part in environment.get("GLIBC_TUNABLES", "").split(":")]
    others = {name: value for name, _, value in pairs if name and name not in TUNABLES}
    tunables = ":".join(f"{name}={value}" for name, value in {**others, **TUNABLES}.items())
    return {**environment, "PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": tunables}


def is_glibc() -> bool:
    """Whether the C library is glibc, which has these settings."""
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (ValueError, OSError):  # another library has no such name
        return False


def overwrites_freed_memory() -> bool:
    """Whether this process overwrites memory that it frees. Tried, not derived from the settings.

    Call it before the process loses the right to read files: without that it returns False.
    """
    if not is_glibc():
        return False
    try:
        with open("/proc/self/mem", "rb", buffering=0) as memory:
            return all(_is_gone(memory.fileno(), size) for size in PROBED_BYTES)
    except OSError:
        return False


def _is_gone(memory: int, size: int) -> bool:
    """Free a block, and check whether its content is gone."""
    buffer, mark = bytearray(size), os.urandom(8)
    block = mark * (size // len(mark))
    address = id(block)
    del block
    # Read into an existing buffer: a new one could get the same block.
    try:
        os.preadv(memory, [buffer], address)
    except OSError:  # not mapped any more
        return True
    return mark not in buffer


def child_overwrites_freed_memory() -> bool:
    """Whether a process that is started with the settings overwrites memory that it frees."""
    probe = subprocess.run(  # noqa: S603 our own interpreter
        [sys.executable, "-P", "-c", PROBE],
        env=with_allocator_settings(plain_environment(os.environ)),
        capture_output=True,
        timeout=PROBE_S,
        check=False,
    )
    return probe.returncode == 0
