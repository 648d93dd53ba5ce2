"""Overwrites data that finished calls have left on the stack.

C code works on the stack and leaves its data there. Measured: sixteen bytes of a message that
libsodium had opened stayed there until another call went as deep, which on a quiet server never
happens. The allocator's settings do not affect the stack.

A structure that is passed by value is copied onto the stack, right below the caller. So any
function will do, if it is called with a structure that is large enough.

Source: System V ABI, "Parameter Passing" (class MEMORY); libffi, which copies it on ARM too.
"""

from __future__ import annotations

import ctypes

from .libc import libc

STACK_BYTES = 2**16
"""Five times the deepest stack of a request: 12 KiB on Python 3.11, 9 KiB on 3.13."""


class _Block(ctypes.Structure):
    _fields_ = [("filling", ctypes.c_char * STACK_BYTES)]  # type: ignore[mutable-override]


_ZEROS = _Block()
_call_with_block = ctypes.CFUNCTYPE(ctypes.c_int, _Block)(("abs", libc))
"""`abs` ignores the rest of the structure, and makes no system call."""


def overwrite_stack() -> None:
    """Fill the stack below the caller with zeros. Call it as high up in the stack as possible."""
    _call_with_block(_ZEROS)
