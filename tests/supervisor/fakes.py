"""Stand-ins for what a supervisor speaks to: a report that remembers, a terminal in memory."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence

BOUND_S = 30.0


class HeardReport:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, str]] = []
        self.notes: list[str] = []
        self._news = asyncio.Event()

    def bootstrap(self, percent: int, summary: str) -> None:
        """A step on the way."""
        self.steps.append((percent, summary))

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """Nothing here asks for it."""

    def note(self, sentence: str) -> None:
        """Something that an operator wants to know."""
        self.notes.append(sentence)
        self._news.set()

    def advice(self, paragraphs: Sequence[str]) -> None:
        """Nothing here asks for it."""

    async def wait_for_notes(self, count: int) -> list[str]:
        """Wait until so many were told."""
        async with asyncio.timeout(BOUND_S):
            while len(self.notes) < count:
                self._news.clear()
                await self._news.wait()
        return self.notes


class Paper(io.TextIOWrapper):
    """An output in memory.

    Args:
        terminal: whether it says that it is one.
        encoding: what it can hold.
    """

    def __init__(self, *, terminal: bool = False, encoding: str = "utf-8") -> None:
        self._is_terminal = terminal
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding=encoding)

    def isatty(self) -> bool:
        """What it was told to say."""
        return self._is_terminal

    @property
    def text(self) -> str:
        """What stands there by now, flushed."""
        return self._bytes.getvalue().decode(self.encoding)
