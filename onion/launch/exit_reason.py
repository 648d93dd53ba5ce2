"""Why did tor end? Reads the last lines of its log for the one that says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PREFIX = re.compile(r"^\w{3} \d+ [\d:.]+ \[(?P<level>\w+)\] (?:\w+\(\): )?(?:\w+: )?")
# Tor ends a fatal start with the first two; what went wrong stands above them.
_EMPTY_WORDS = (
    "Reading config failed",
    "see warnings above",
    # What is always warned of and never a cause.
    "are all undefined",
    "running Tor as root",
    "TestingTorNetwork is set",
    "You have used DirAuthority",
)

NO_SPACE = "No space left on device"
_HINTS = (
    ("Address already in use", "another program listens there: end it, or choose another port"),
    (NO_SPACE, "free some space on the disk"),
    ("Permission denied", "the folder must belong to the user who runs this"),
    ("it is already running", "another tor uses this folder: end it"),
    ("Unknown option", "this tor does not know an option that it was given"),
)


def cause_of(lines: Sequence[str]) -> str:
    """Pick the line that tells the cause: the first warning or error of the last run of them.

    Returns:
        The words without date and level; empty when there is nothing telling.
    """
    telling = [_PREFIX.sub("", line) for line in lines if _is_telling(line)]
    hinted = [words for words in telling if hint_for(words)]
    return (hinted or telling or [""])[-1].rstrip(".")


def hint_for(cause: str) -> str:
    """Tell what an operator can do about a cause; empty when nothing is known."""
    return next((hint for words, hint in _HINTS if words in cause), "")


def _is_telling(line: str) -> bool:
    found = _PREFIX.match(line)
    if found is None:
        # Not tor's log at all: a tool, or the loader, speaks plainly.
        return bool(line.strip())
    return found["level"] in ("warn", "err") and not any(w in line for w in _EMPTY_WORDS)
