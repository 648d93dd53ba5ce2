"""Test doubles for the supervisor: a report that records its calls, and an output in memory."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence

BOUND_S = 30.0


class FakeReport:
    """Records every call."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, str]] = []
        self.notes: list[str] = []
        self.tor_lines: list[str] = []
        self._news = asyncio.Event()

    def bootstrap(self, percent: int, summary: str) -> None:
        """Record a step."""
        self.steps.append((percent, summary))

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """Do nothing: no test needs it."""

    def note(self, sentence: str) -> None:
        """Record a note."""
        self.notes.append(sentence)
        self._news.set()

    def advice(self, paragraphs: Sequence[str]) -> None:
        """Do nothing: no test needs it."""

    def tor_log(self, lines: Sequence[str]) -> None:
        """Record the lines."""
        self.tor_lines.extend(lines)
        self._news.set()

    async def wait_for_notes(self, count: int) -> list[str]:
        """Wait until there are at least `count` notes."""
        async with asyncio.timeout(BOUND_S):
            while len(self.notes) < count:
                self._news.clear()
                await self._news.wait()
        return self.notes

    async def wait_for_tor_log(self) -> int:
        """Wait until lines of tor's log were reported, and return how many."""
        async with asyncio.timeout(BOUND_S):
            while not self.tor_lines:
                self._news.clear()
                await self._news.wait()
        return len(self.tor_lines)


class FakeOutput(io.TextIOWrapper):
    """A text output in memory.

    Args:
        terminal: the result of `isatty()`.
        encoding: the encoding of the output.
    """

    def __init__(self, *, terminal: bool = False, encoding: str = "utf-8") -> None:
        self._is_terminal = terminal
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding=encoding)

    def isatty(self) -> bool:
        """Return what the test asked for."""
        return self._is_terminal

    @property
    def text(self) -> str:
        """All output that has been flushed."""
        return self._bytes.getvalue().decode(self.encoding)
