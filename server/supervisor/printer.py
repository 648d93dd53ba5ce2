"""Prints, for the reports, at once; and to nobody, once nobody reads.

Who stopped reading is no reason for a house to fall: it goes on, and what it says goes nowhere.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


class Printer:
    """One output.

    Args:
        out: where to print; by default stdout, which may have been closed before we began.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out: TextIO | None = out or sys.stdout
        self._encoding = (self._out and self._out.encoding) or "utf-8"

    @property
    def is_terminal(self) -> bool:
        """Whether a person sees at once what is printed."""
        return self._out is not None and self._out.isatty()

    def say(self, text: str) -> None:
        """Print it as it stands; no line end is added. What the encoding lacks is spelled out."""
        if self._out is None:
            return
        try:
            self._out.write(text.encode(self._encoding, "backslashreplace").decode(self._encoding))
            self._out.flush()
        except OSError:
            _turn_away(self._out)

    def can_say(self, text: str) -> bool:
        """Whether the encoding has all these characters."""
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True


def _turn_away(out: TextIO) -> None:
    """Let what is still unsaid go nowhere, so that the end of the program does not trip over it."""
    with suppress(OSError, ValueError):
        number = out.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
