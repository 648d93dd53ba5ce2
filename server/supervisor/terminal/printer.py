"""Writes reports to stdout at once; discards them when nobody reads any more.

A closed stdout must not stop the server: it goes on, and its output is discarded. Nor must a reader
who does not read, such as a full pipe or a terminal after Ctrl-S: a thread writes, so that the
supervisor goes on to restart what ends. The thread uses the descriptor alone, none of Python's
locks, so it holds up no exit either.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from contextlib import suppress
from typing import TextIO

WRITTEN_S = 0.5
"""Limit for one text to be written before the program goes on. A reader who is that slow is not
waited for again until everything is written."""

MAX_UNWRITTEN = 1000
"""Texts that wait for a slow reader; more are dropped."""


class Printer:
    """One text output.

    Args:
        out: the stream to write to; by default stdout, which may be closed already.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out: TextIO | None = out or sys.stdout
        self._encoding = (self._out and self._out.encoding) or "utf-8"
        self._unwritten: queue.Queue[bytes] = queue.Queue(MAX_UNWRITTEN)
        self._all_written = threading.Event()
        self._is_slow = False
        self._thread: threading.Thread | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether the output is a terminal."""
        return self._out is not None and self._out.isatty()

    def write(self, text: str) -> None:
        """Write `text` as it is, without a line end; return after `WRITTEN_S` at the latest.

        Characters that the encoding lacks are written as backslash escapes.
        """
        if self._out is None:
            return
        data = text.encode(self._encoding, "backslashreplace")
        descriptor = _descriptor_of(self._out)
        if descriptor is None:
            self._out.write(data.decode(self._encoding))
            self._out.flush()
            return
        self._all_written.clear()
        with suppress(queue.Full):
            self._unwritten.put_nowait(data)
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_all, args=(descriptor,), daemon=True)
            self._thread.start()
        self._is_slow = not self._all_written.wait(0.0 if self._is_slow else WRITTEN_S)

    def can_encode(self, text: str) -> bool:
        """Whether the encoding has all characters of `text`."""
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _write_all(self, descriptor: int) -> None:
        while True:
            data = self._unwritten.get()
            try:
                while data:
                    data = data[os.write(descriptor, data) :]
            except OSError:
                _discard(descriptor)
            if self._unwritten.empty():
                self._all_written.set()


def discard(out: TextIO) -> None:
    """Redirect `out` to /dev/null, so that flushing the rest at exit does not fail."""
    descriptor = _descriptor_of(out)
    if descriptor is not None:
        _discard(descriptor)


def _discard(descriptor: int) -> None:
    with suppress(OSError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, descriptor)
        os.close(devnull)


def _descriptor_of(out: TextIO) -> int | None:
    """Return the descriptor of a file; `None` if it is closed or in memory."""
    try:
        return out.fileno()
    except (OSError, ValueError):
        return None
