"""A program that re-executes itself, and prints what is left of its state.

    python -m tests.sandbox.restarted WORD...

It prints a line `start` for each start, and its final state as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys

from server.sandbox.allocator import AGAIN, overwrites_freed_memory, reexec
from server.sandbox.libc import libc, prctl

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG = 1, 2
SIGKILL = 9


def main() -> None:
    """Start, re-execute, and print the state."""
    print("start", flush=True)  # noqa: T201
    if AGAIN not in os.environ:
        prctl(PR_SET_PDEATHSIG, SIGKILL)
    reexec()
    signal = ctypes.c_int(0)
    libc.prctl(PR_GET_PDEATHSIG, ctypes.byref(signal))
    json.dump(
        {
            "overwrites": overwrites_freed_memory(),
            "words": sys.argv[1:],
            "flags": sys.flags.dont_write_bytecode,
            "read": sys.stdin.read(),
            "signal": signal.value,
            "variables": sorted(os.environ),
            "tunables": os.environ.get("GLIBC_TUNABLES", ""),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
