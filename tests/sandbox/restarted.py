"""Run as a program of its own: starts itself again, and tells what came through.

    python -m tests.sandbox.restarted WORD...

A line `start` for each start; at the end, in JSON, what it is then.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys

from server.sandbox.allocator import AGAIN, allocator_holds, start_again
from server.sandbox.libc import libc, prctl

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG = 1, 2
SIGKILL = 9


def main() -> None:
    """Start, start again, tell."""
    print("start", flush=True)  # noqa: T201
    if AGAIN not in os.environ:
        prctl(PR_SET_PDEATHSIG, SIGKILL)
    start_again()
    signal = ctypes.c_int(0)
    libc.prctl(PR_GET_PDEATHSIG, ctypes.byref(signal))
    json.dump(
        {
            "holds": allocator_holds(),
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
