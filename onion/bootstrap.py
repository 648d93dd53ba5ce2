"""Parses tor's bootstrap progress, and detects a bootstrap that has stalled.

Source: control-spec, `status/bootstrap-phase` and STATUS_CLIENT BOOTSTRAP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOOTSTRAP = re.compile(r"\b(?:NOTICE|WARN) BOOTSTRAP (?P<arguments>.*)")
_ARGUMENT = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)')
_ESCAPED = re.compile(r"\\(.)")
_SKEW = re.compile(r"\bCLOCK_SKEW\b.*?\bSKEW=(?P<seconds>-?\d+)")

DONE_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of an operation that goes from 0 to 100 percent."""

    percent: int
    tag: str
    """A stable identifier of the step, such as `conn_or`."""

    summary: str
    """The step in a few English words, as tor reports it."""

    warning: str = ""
    """The problem that tor reports at this step; empty if there is none."""

    @property
    def is_done(self) -> bool:
        """Whether this is the last step."""
        return self.percent >= DONE_PERCENT


def parse_progress(line: str) -> Progress | None:
    """Parse a bootstrap line, from an event or from GETINFO; None if it is of another kind."""
    found = _BOOTSTRAP.search(line)
    if found is None:
        return None
    arguments = {name: _unquoted(value) for name, value in _ARGUMENT.findall(found["arguments"])}
    percent = arguments.get("PROGRESS", "")
    if not percent.isdecimal():
        return None
    return Progress(
        percent=min(int(percent), DONE_PERCENT),
        tag=arguments.get("TAG", ""),
        summary=arguments.get("SUMMARY", ""),
        warning=arguments.get("WARNING", ""),
    )


def parse_clock_skew(line: str) -> int | None:
    """Parse by how many seconds our clock is off, from a STATUS_GENERAL CLOCK_SKEW event.

    Negative means that our clock is behind. None if the line is of another kind.
    """
    found = _SKEW.search(line)
    return int(found["seconds"]) if found else None


class StallWatch:
    """Detects a stalled bootstrap: one whose percentage has not risen for `stall_s` seconds.

    A slow bootstrap is not stalled while its percentage rises. A warning alone does not count
    either: tor often warns and then connects by another path.
    """

    def __init__(self, stall_s: float, now_s: float) -> None:
        self._stall_s = stall_s
        self._percent = -1
        self._since_s = now_s

    def note(self, percent: int, now_s: float) -> None:
        """Record the percentage that tor reported at `now_s`, monotonic seconds."""
        if percent > self._percent:
            self._percent = percent
            self._since_s = now_s

    def left_s(self, now_s: float) -> float:
        """Return the seconds until the bootstrap counts as stalled; zero if it has stalled."""
        return max(0.0, self._since_s + self._stall_s - now_s)


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
