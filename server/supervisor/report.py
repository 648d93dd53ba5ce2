"""Says how it stands: to a program as JSON lines, to a person as sentences and a bar.

Beside `cli.py` the one file that prints.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Protocol

import click


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
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


class PersonReport:
    """A bar while it comes up, and sentences. Without a terminal, a line for each step."""

    BAR_CELLS = 30

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._percent = -1

    def bootstrap(self, percent: int, summary: str) -> None:
        """See `Report`."""
        if self._terminal:
            filled = percent * self.BAR_CELLS // 100
            bar = "#" * filled + "." * (self.BAR_CELLS - filled)
            # Carriage return and "erase to the end of the line" (ECMA-48, EL).
            click.echo(f"\r[{bar}] {percent:3} %  {summary[:40]}\x1b[K", nl=False)
        elif percent != self._percent:
            click.echo(f"{percent:3} %  {summary}")
        self._percent = percent
        sys.stdout.flush()

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """See `Report`."""
        self._end_bar()
        click.echo(f"\n  http://{onion}/\n")

    def note(self, sentence: str) -> None:
        """See `Report`."""
        self._end_bar()
        click.echo(f"  {sentence}")

    def advice(self, paragraphs: Sequence[str]) -> None:
        """See `Report`."""
        for paragraph in paragraphs:
            click.echo(paragraph + "\n")

    def _end_bar(self) -> None:
        if self._terminal and self._percent >= 0:
            click.echo("\r\x1b[K", nl=False)
        self._percent = -1


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

    def note(self, part: str, percent: int, summary: str) -> None:
        """A part has come to `percent` of itself."""
        self._done[part] = max(self._done[part], percent)
        whole = sum(self._shares[name] * done // 100 for name, done in self._done.items())
        if whole >= self._told:
            self._told = whole
            self._report.bootstrap(whole, summary)
