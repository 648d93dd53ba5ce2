"""Reports the server's state: as JSON lines for a program, as text and a progress bar for a person.

All output goes through `Printer`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from typing import Protocol, TextIO

from .terminal.printer import Printer
from .terminal.qrcode import cells_wide, qr_lines


class Report(Protocol):
    """Receives the progress of the start, and later events."""

    def bootstrap(self, percent: int, summary: str) -> None:
        """Report a step of the start. The percentage never falls."""

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """Report that the address can be visited."""

    def note(self, sentence: str) -> None:
        """Report something that the operator wants to know."""

    def advice(self, paragraphs: Sequence[str]) -> None:
        """Explain to a person what to do next."""

    def tor_log(self, lines: Sequence[str]) -> None:
        """Print the last lines of tor's log."""


class JsonReport:
    """Prints one JSON object per line and flushes each."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._printer = Printer(out)

    def bootstrap(self, percent: int, summary: str) -> None:
        """See `Report`."""
        self._print(event="bootstrap", percent=percent, summary=summary)

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """See `Report`."""
        self._print(
            event="ready",
            onion=onion,
            socks=socks,
            web_socket=web_socket,
            admin_socket=admin_socket,
        )

    def note(self, sentence: str) -> None:
        """See `Report`."""
        self._print(event="note", text=sentence)

    def advice(self, paragraphs: Sequence[str]) -> None:
        """Do nothing: a program needs no advice."""

    def tor_log(self, lines: Sequence[str]) -> None:
        """See `Report`."""
        self._print(event="tor_log", lines=list(lines))

    def _print(self, **event: object) -> None:
        self._printer.write(json.dumps(event) + "\n")


class TextReport:
    """Prints text, with a progress bar during the start; without a terminal, one line per step."""

    BAR_CELLS = 30

    def __init__(self, out: TextIO | None = None) -> None:
        self._printer = Printer(out)
        self._last_step: tuple[int, str] | None = None

    def bootstrap(self, percent: int, summary: str) -> None:
        """See `Report`."""
        if self._printer.is_terminal:
            filled = percent * self.BAR_CELLS // 100
            bar = "#" * filled + "." * (self.BAR_CELLS - filled)
            line = f"[{bar}] {percent:3} %  {summary}"
            # Carriage return, and "erase to the end of the line" (ECMA-48, EL). A line as wide as
            # the terminal would already wrap.
            self._printer.write(f"\r{line[: _columns() - 1]}\x1b[K")
        elif (percent, summary) != self._last_step:
            self._printer.write(f"{percent:3} %  {summary}\n")
        self._last_step = (percent, summary)

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """See `Report`. Draw a QR code if others can reach the address and the terminal can."""
        self._end_bar()
        url = f"http://{onion}/"
        self._printer.write(f"\n  {url}\n\n")
        # With its own SOCKS port the network is private, and no phone could open the address.
        if socks is None and self._printer.is_terminal:
            self._draw_code(qr_lines(url))

    def note(self, sentence: str) -> None:
        """See `Report`."""
        self._end_bar()
        self._printer.write(f"  {sentence}\n")

    def advice(self, paragraphs: Sequence[str]) -> None:
        """See `Report`."""
        for paragraph in paragraphs:
            self._printer.write(f"{paragraph}\n\n")

    def tor_log(self, lines: Sequence[str]) -> None:
        """See `Report`."""
        self._end_bar()
        self._printer.write("".join(f"  tor | {line}\n" for line in lines))

    def _draw_code(self, lines: Sequence[str]) -> None:
        """Draw a QR code, unless it is too wide or the encoding lacks its characters."""
        code = "".join(f"{line}\n" for line in lines)
        if cells_wide(lines[0]) <= _columns() and self._printer.can_encode(code):
            self._printer.write(f"{code}\n")

    def _end_bar(self) -> None:
        if self._printer.is_terminal and self._last_step is not None:
            self._printer.write("\r\x1b[K")
        self._last_step = None


def _columns() -> int:
    return shutil.get_terminal_size().columns


class CombinedProgress:
    """Combines the progress of several parallel parts into one percentage that never falls.

    Args:
        report: receives the combined progress.
        shares: name of a part -> its share of the whole in percent; the shares sum up to 100.
    """

    def __init__(self, report: Report, shares: dict[str, int]) -> None:
        self._report = report
        self._shares = shares
        self._done = dict.fromkeys(shares, 0)
        self._reported = -1
        self._is_finished = False

    def note(self, part: str, percent: int, summary: str) -> None:
        """Record that a part has reached `percent`, and report the whole unless finished."""
        self._done[part] = max(self._done[part], percent)
        whole = sum(self._shares[name] * done // 100 for name, done in self._done.items())
        if whole >= self._reported and not self._is_finished:
            self._reported = whole
            self._report.bootstrap(whole, summary)

    def finish(self, summary: str) -> None:
        """Report 100 percent. Later progress is ignored: it comes from parts that restart."""
        self._is_finished = True
        self._report.bootstrap(100, summary)
