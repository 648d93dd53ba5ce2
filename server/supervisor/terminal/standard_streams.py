"""Keeps the numbers 0, 1 and 2 for the standard streams.

A program that is started with one of them closed (`>&-`, some init scripts) gives its number to the
next file or socket that it opens. What is printed later would go there.
"""

from __future__ import annotations

import os
import sys


def open_standard_streams() -> None:
    """Open `/dev/null` for each standard stream that is closed."""
    for number, mode in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number, which is this one: the lower ones are open by now.
            os.set_inheritable(os.open(os.devnull, mode), True)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 for the whole life
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 the same
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 the same
