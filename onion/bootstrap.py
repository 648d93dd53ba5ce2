"""How far tor has come towards the network, and whether it is still getting anywhere.

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
    """One step of a way from 0 to 100."""

    percent: int
    tag: str
    """One word that names the step and never changes, such as `conn_or`."""

    summary: str
    """The step in a few English words, as tor gives them."""

    warning: str = ""
    """What is going wrong at this step; empty while nothing is."""

    @property
    def is_done(self) -> bool:
        """Whether this is the last step."""
        return self.percent >= DONE_PERCENT


def parse_progress(line: str) -> Progress | None:
    """Read a bootstrap line, from an event or from GETINFO; None if it is of another kind."""
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
    """Read by how many seconds our clock is off, from STATUS_GENERAL CLOCK_SKEW.

    Negative is behind the others. None if the line is of another kind.
    """
    found = _SKEW.search(line)
    return int(found["seconds"]) if found else None


class StallWatch:
    """Judges whether a bootstrap has stopped: no higher percentage for `stall_s` seconds.

    A long bootstrap is no stall as long as it goes on; a warning by itself is none either,
    since tor warns and then gets there by another way.
    """

    def __init__(self, stall_s: float, now_s: float) -> None:
        self._stall_s = stall_s
        self._percent = -1
        self._since_s = now_s

    def note(self, percent: int, now_s: float) -> None:
        """Record what tor said at `now_s`, monotonic seconds."""
        if percent > self._percent:
            self._percent = percent
            self._since_s = now_s

    def left_s(self, now_s: float) -> float:
        """Tell how many seconds of patience are left; never below zero."""
        return max(0.0, self._since_s + self._stall_s - now_s)

    def is_stalled(self, now_s: float) -> bool:
        """Tell whether the patience is at its end."""
        return self.left_s(now_s) == 0.0


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
