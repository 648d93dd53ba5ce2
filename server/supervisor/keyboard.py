"""Single keys from a terminal, as they are pressed; nothing, where there is no terminal."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import tty
from collections.abc import AsyncIterator
from typing import Any


class Keyboard:
    """The terminal on stdin, switched to single keys while open."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None
        self._pressed: asyncio.Queue[str] = asyncio.Queue()

    @property
    def is_open(self) -> bool:
        """Whether there is a terminal, and its keys are read."""
        return self._before is not None

    def open(self) -> None:
        """Begin to read keys; without a terminal, nothing happens."""
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return
        number = sys.stdin.fileno()
        try:
            self._before = termios.tcgetattr(number)
        except termios.error:
            return
        tty.setcbreak(number)
        asyncio.get_running_loop().add_reader(number, self._read, number)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._before is None:
            return
        number = sys.stdin.fileno()
        asyncio.get_running_loop().remove_reader(number)
        termios.tcsetattr(number, termios.TCSADRAIN, self._before)
        self._before = None

    async def keys(self) -> AsyncIterator[str]:
        """Each key as it is pressed, for ever."""
        while True:
            yield await self._pressed.get()

    def _read(self, number: int) -> None:
        data = os.read(number, 64)
        if not data:  # the terminal hung up
            asyncio.get_running_loop().remove_reader(number)
        for char in data.decode("utf-8", "replace"):
            self._pressed.put_nowait(char)
