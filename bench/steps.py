"""Counts the steps that Python executes in a call: the same number on each machine and each run.

A step is one instruction of the interpreter. A call of a function that is written in C is a single
one, however long it takes: whoever counts has to know that such a call does a bounded amount of
work.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import TraceFunction


def steps_of(call: Callable[[], object]) -> int:
    """Return the number of steps of a call, with all that it calls in turn.

    Nothing is collected meanwhile: the finalizers of what others have left would be counted, too.
    """
    steps = 0

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction:
        nonlocal steps
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        steps += event == "opcode"
        return trace

    before, was_collecting = sys.gettrace(), gc.isenabled()
    gc.disable()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
        if was_collecting:
            gc.enable()
    return steps
