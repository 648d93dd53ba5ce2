"""Reads single keys from a terminal as they are pressed; does nothing without a terminal."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import tty
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, TextIO

MAX_UNREAD_KEYS = 64
"""Keys that may wait while a command runs; more are dropped."""


class Keyboard:
    """A terminal that is switched to single keys while open.

    Args:
        keys: where the keys come from; by default stdin.
        screen: where the program prints; if it is no terminal, the user could not see the keys.
    """

    def __init__(self, keys: TextIO | None = None, screen: TextIO | None = None) -> None:
        # Both are None if they were closed before the program started.
        self._keys: TextIO | None = keys or sys.stdin
        self._screen: TextIO | None = screen or sys.stdout
        self._saved_settings: list[Any] | None = None
        self._pressed: asyncio.Queue[str] = asyncio.Queue(maxsize=MAX_UNREAD_KEYS)

    @property
    def is_open(self) -> bool:
        """Whether there is a terminal, and its keys are read."""
        return self._saved_settings is not None

    def open(self) -> None:
        """Start to read keys. Do nothing unless this process controls a terminal."""
        if not (self._keys and self._keys.isatty() and self._screen and self._screen.isatty()):
            return
        descriptor = self._keys.fileno()
        if _is_in_background(descriptor):
            return
        try:
            saved = termios.tcgetattr(descriptor)
            tty.setcbreak(descriptor)
        except termios.error:
            return
        self._saved_settings = saved
        asyncio.get_running_loop().add_reader(descriptor, self._read, descriptor)

    def close(self) -> None:
        """Restore the terminal's settings. A terminal that has hung up is left as it is."""
        if self._saved_settings is None or self._keys is None:
            return
        descriptor = self._keys.fileno()
        asyncio.get_running_loop().remove_reader(descriptor)
        if not _is_in_background(descriptor):
            with suppress(termios.error):
                termios.tcsetattr(descriptor, termios.TCSADRAIN, self._saved_settings)
        self._saved_settings = None

    async def keys(self) -> AsyncIterator[str]:
        """Yield each key as it is pressed, without end."""
        while True:
            yield await self._pressed.get()

    async def line(self) -> str:
        """Return what is typed up to Enter, with echo; at most `MAX_UNREAD_KEYS` characters."""
        if self._keys is None or self._saved_settings is None:
            return ""
        descriptor = self._keys.fileno()
        termios.tcsetattr(descriptor, termios.TCSADRAIN, self._saved_settings)
        try:
            typed = ""
            while not typed.endswith("\n"):
                typed += await self._pressed.get()
        finally:
            if self.is_open:
                tty.setcbreak(descriptor)
        return typed.strip()

    def _read(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, 64)
        except OSError:
            data = b""
        if not data:  # the terminal hung up
            asyncio.get_running_loop().remove_reader(descriptor)
        for char in data.decode("utf-8", "replace"):
            with suppress(asyncio.QueueFull):
                self._pressed.put_nowait(char)


def _is_in_background(descriptor: int) -> bool:
    """Whether another process group owns the terminal; to change it would stop us (SIGTTOU)."""
    try:
        return os.tcgetpgrp(descriptor) != os.getpgrp()
    except OSError:
        return False  # not our controlling terminal
