"""A program that leaves a word on its stack, counts it, overwrites the stack, and counts again.

python -m tests.sandbox.stack_residue
"""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path

from server.sandbox.libc import libc
from server.sandbox.stack import overwrite_stack

WORDS_BYTES = 2**14


class Words(ctypes.Structure):
    """So many words that no later call overwrites them all by chance."""

    _fields_ = [("words", ctypes.c_char * WORDS_BYTES)]  # type: ignore[mutable-override]


def main() -> None:
    """Leave words on the stack, count, overwrite, and count."""
    word = bytes(range(0x41, 0x51))
    leave = ctypes.CFUNCTYPE(ctypes.c_int, Words)(("abs", libc))
    leave(Words(word * (WORDS_BYTES // len(word))))
    before = count(word)
    overwrite_stack()
    json.dump([before, count(word)], sys.stdout)


def count(word: bytes) -> int:
    """Count a word in the whole stack, used or not."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    (stack,) = [line.split()[0] for line in lines if line.endswith("[stack]")]
    start, end = (int(number, 16) for number in stack.split("-"))
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        memory.seek(start)
        return memory.read(end - start).count(word)


if __name__ == "__main__":
    main()
