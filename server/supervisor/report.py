"""Says how it stands: to a program as JSON lines, to a person as sentences and a bar.

What is printed goes through `printer.py`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from typing import Protocol, TextIO

from .printer import Printer
from .qrcode import cells_wide, qr_lines


class Report(Protocol):
    """Who is told how the house comes up, and what happens to it."""

    def bootstrap(self, percent: int, summary: str) -> None:
        """A step on the way; the percentage never falls."""

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """The address can be visited."""

    def note(self, sentence: str) -> None:
        """Something that an operator wants to know."""

    def advice(self, paragraphs: Sequence[str]) -> None:
        """How to go on, for a person."""


class JsonReport:
    """One JSON object a line, each flushed."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._printer = Printer(out)

    def bootstrap(self, percent: int, summary: str) -> None:
        """See `Report`."""
        self._say(event="bootstrap", percent=percent, summary=summary)

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """See `Report`."""
        self._say(
            event="ready",
            onion=onion,
            socks=socks,
            web_socket=web_socket,
            admin_socket=admin_socket,
        )

    def note(self, sentence: str) -> None:
        """See `Report`."""
        self._say(event="note", text=sentence)

    def advice(self, paragraphs: Sequence[str]) -> None:
        """Nothing: a program needs none."""

    def _say(self, **event: object) -> None:
        self._printer.say(json.dumps(event) + "\n")


class PersonReport:
    """A bar while it comes up, and sentences. Without a terminal, a line for each step."""

    BAR_CELLS = 30

    def __init__(self, out: TextIO | None = None) -> None:
        self._printer = Printer(out)
        self._last: tuple[int, str] | None = None

    def bootstrap(self, percent: int, summary: str) -> None:
        """See `Report`."""
        if self._printer.is_terminal:
            filled = percent * self.BAR_CELLS // 100
            bar = "#" * filled + "." * (self.BAR_CELLS - filled)
            line = f"[{bar}] {percent:3} %  {summary}"
            # Carriage return and "erase to the end of the line" (ECMA-48, EL). A line that is as
            # wide as the terminal would already go on in the next one.
            self._printer.say(f"\r{line[: _columns() - 1]}\x1b[K")
        elif (percent, summary) != self._last:
            self._printer.say(f"{percent:3} %  {summary}\n")
        self._last = (percent, summary)

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """See `Report`; with a QR code where others can reach the address, and it can be drawn."""
        self._end_bar()
        url = f"http://{onion}/"
        self._printer.say(f"\n  {url}\n\n")
        # With a SOCKS port of its own the network is private: nobody could open it by phone.
        if socks is None and self._printer.is_terminal:
            self._draw(qr_lines(url))

    def note(self, sentence: str) -> None:
        """See `Report`."""
        self._end_bar()
        self._printer.say(f"  {sentence}\n")

    def advice(self, paragraphs: Sequence[str]) -> None:
        """See `Report`."""
        for paragraph in paragraphs:
            self._printer.say(f"{paragraph}\n\n")

    def _draw(self, lines: Sequence[str]) -> None:
        """Draw a picture, unless it would come out broken."""
        picture = "".join(f"{line}\n" for line in lines)
        if cells_wide(lines[0]) <= _columns() and self._printer.can_say(picture):
            self._printer.say(f"{picture}\n")

    def _end_bar(self) -> None:
        if self._printer.is_terminal and self._last is not None:
            self._printer.say("\r\x1b[K")
        self._last = None


def _columns() -> int:
    return shutil.get_terminal_size().columns


class Blend:
    """Makes one percentage, which never falls, of several parts that run side by side.

    Args:
        report: who is told.
        shares: name of a part -> its share of the whole; they sum up to 100.
    """

    def __init__(self, report: Report, shares: dict[str, int]) -> None:
        self._report = report
        self._shares = shares
        self._done = dict.fromkeys(shares, 0)
        self._told = -1
        self._is_over = False

    def note(self, part: str, percent: int, summary: str) -> None:
        """A part has come to `percent` of itself; told unless the way is over."""
        self._done[part] = max(self._done[part], percent)
        whole = sum(self._shares[name] * done // 100 for name, done in self._done.items())
        if whole >= self._told and not self._is_over:
            self._told = whole
            self._report.bootstrap(whole, summary)

    def finish(self, summary: str) -> None:
        """The way is over: what a part that is started again says is no part of it."""
        self._is_over = True
        self._report.bootstrap(100, summary)
