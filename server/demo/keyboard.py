"""Single keys from a terminal, as they are pressed; nothing, where there is no terminal."""

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
"""Keys that wait until the one before is obeyed; more are forgotten."""


class Keyboard:
    """A terminal, switched to single keys while open.

    Args:
        keys: where the keys come from; by default stdin.
        screen: where the program speaks; without a terminal there, keys would be pressed blindly.
    """

    def __init__(self, keys: TextIO | None = None, screen: TextIO | None = None) -> None:
        # Either is None where it was closed before we began.
        self._keys: TextIO | None = keys or sys.stdin
        self._screen: TextIO | None = screen or sys.stdout
        self._before: list[Any] | None = None
        self._pressed: asyncio.Queue[str] = asyncio.Queue(maxsize=MAX_UNREAD_KEYS)

    @property
    def is_open(self) -> bool:
        """Whether there is a terminal, and its keys are read."""
        return self._before is not None

    def open(self) -> None:
        """Begin to read keys; without a terminal that is ours, nothing happens."""
        if not (self._keys and self._keys.isatty() and self._screen and self._screen.isatty()):
            return
        number = self._keys.fileno()
        if _is_in_background(number):
            return
        try:
            before = termios.tcgetattr(number)
            tty.setcbreak(number)
        except termios.error:
            return
        self._before = before
        asyncio.get_running_loop().add_reader(number, self._read, number)

    def close(self) -> None:
        """Leave the terminal as it was; one that has hung up is left alone."""
        if self._before is None or self._keys is None:
            return
        number = self._keys.fileno()
        asyncio.get_running_loop().remove_reader(number)
        if not _is_in_background(number):
            with suppress(termios.error):
                termios.tcsetattr(number, termios.TCSADRAIN, self._before)
        self._before = None

    async def keys(self) -> AsyncIterator[str]:
        """Each key as it is pressed, for ever."""
        while True:
            yield await self._pressed.get()

    async def line(self) -> str:
        """What is typed up to Enter, shown as it is typed; at most `MAX_UNREAD_KEYS` characters."""
        if self._keys is None or self._before is None:
            return ""
        number = self._keys.fileno()
        termios.tcsetattr(number, termios.TCSADRAIN, self._before)
        try:
            typed = ""
            while not typed.endswith("\n"):
                typed += await self._pressed.get()
        finally:
            if self.is_open:
                tty.setcbreak(number)
        return typed.strip()

    def _read(self, number: int) -> None:
        try:
            data = os.read(number, 64)
        except OSError:
            data = b""
        if not data:  # the terminal hung up
            asyncio.get_running_loop().remove_reader(number)
        for char in data.decode("utf-8", "replace"):
            with suppress(asyncio.QueueFull):
                self._pressed.put_nowait(char)


def _is_in_background(number: int) -> bool:
    """Whether the terminal is another's for now: to change it then would stop us (SIGTTOU)."""
    try:
        return os.tcgetpgrp(number) != os.getpgrp()
    except OSError:
        return False  # not the terminal that controls us
