"""Overwrites what calls that have returned have left on the stack.

C code works on the stack and leaves there what it has worked on. Measured: sixteen bytes of a
message that libsodium had opened lay there until some other call went as deep, and in a quiet
house that is never. The allocator's settings do not reach the stack.

A structure that is handed over by value is copied to where the callee finds it: on the stack,
right below the caller. So any function will do, given one that is large enough.

Source: System V ABI, "Parameter Passing" (class MEMORY); libffi, which copies it on ARM too.
"""

from __future__ import annotations

import ctypes

from .libc import libc

STACK_BYTES = 2**16
"""Five times as deep as any request went: 12 KiB on Python 3.11, 9 KiB on 3.13."""


class _Area(ctypes.Structure):
    _fields_ = [("filling", ctypes.c_char * STACK_BYTES)]  # type: ignore[mutable-override]


_ZEROS = _Area()
_hand_over = ctypes.CFUNCTYPE(ctypes.c_int, _Area)(("abs", libc))
"""It looks at none of it, and asks nothing of the kernel."""


def overwrite_stack() -> None:
    """Fill the stack below here with zeros. To be called from as far up as can be."""
    _hand_over(_ZEROS)
