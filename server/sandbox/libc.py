"""The only access to the C library, for calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os

from server.core.errors import OperatorError

libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    """Call `prctl(2)`.

    Raises:
        OperatorError: if the kernel refuses.
    """
    if libc.prctl(option, value, 0, 0, 0) != 0:
        reason = os.strerror(ctypes.get_errno()).lower()
        raise OperatorError(f"the kernel refused prctl {option}: {reason}")
