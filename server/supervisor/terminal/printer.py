"""Writes reports to stdout and flushes at once; discards them when nobody reads any more.

A closed stdout must not stop the server: it goes on, and its output is discarded.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


class Printer:
    """One text output.

    Args:
        out: the stream to write to; by default stdout, which may be closed already.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out: TextIO | None = out or sys.stdout
        self._encoding = (self._out and self._out.encoding) or "utf-8"

    @property
    def is_terminal(self) -> bool:
        """Whether the output is a terminal."""
        return self._out is not None and self._out.isatty()

    def write(self, text: str) -> None:
        """Write `text` as it is, without a line end, and flush.

        Characters that the encoding lacks are written as backslash escapes.
        """
        if self._out is None:
            return
        try:
            self._out.write(text.encode(self._encoding, "backslashreplace").decode(self._encoding))
            self._out.flush()
        except OSError:
            discard(self._out)

    def can_encode(self, text: str) -> bool:
        """Whether the encoding has all characters of `text`."""
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True


def discard(out: TextIO) -> None:
    """Redirect `out` to /dev/null, so that flushing the rest at exit does not fail."""
    with suppress(OSError, ValueError):
        descriptor = out.fileno()
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, descriptor)
        os.close(devnull)
