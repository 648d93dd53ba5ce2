"""Explains why tor exited: finds the cause in the last lines of its log, and a hint for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PREFIX = re.compile(r"^\w{3} \d+ [\d:.]+ \[(?P<level>\w+)\] (?:\w+\(\): )?(?:\w+: )?")
# Log lines that never name the cause.
_UNINFORMATIVE = (
    # Tor prints these two at the end of every failed start; the cause is above them.
    "Reading config failed",
    "see warnings above",
    "left us in a broken state",
    # Two that follow a cause that concerns the onion service.
    "Failed to configure rendezvous options",
    "Error loading rendezvous service keys",
    # Warnings that appear in every run.
    "are all undefined",
    "running Tor as root",
    "TestingTorNetwork is set",
    "You have used DirAuthority",
    # Said of every single bridge; one is enough to be reached.
    "Only one bridge (transport:",
    # A visitor causes this one at will, and it names a circuit.
    "Maximum streams per circuit limit",
)

NO_SPACE = "No space left on device"
_HINTS = (
    ("Address already in use", "another program uses this port: stop it, or choose another port"),
    (NO_SPACE, "free some space on the disk"),
    ("Permission denied", "the folder must belong to the user who runs this program"),
    ("it is already running", "another tor uses this folder: stop it"),
    ("Unknown option", "this version of tor does not support an option that it was given"),
    ("are too permissive", "choose a folder on a disk that keeps the mode 0700"),
    ("write onion address", "the folder must be writable; check the disk"),
    ("idden service", "this tor does not accept how the onion service is set up: try another tor"),
)


def cause_of(lines: Sequence[str]) -> str:
    """Pick the line that names the cause: the last one with a known hint, else the last warning.

    Returns:
        The text without date and level; empty when no line is informative.
    """
    informative = [_PREFIX.sub("", line) for line in lines if _is_informative(line)]
    hinted = [text for text in informative if hint_for(text)]
    return (hinted or informative or [""])[-1].rstrip(".")


def warning_in(line: str) -> str:
    """Return the text of an informative warning, without date and level; empty for another line.

    Indented lines only go on with the one before: a list of connections, or a stack trace.
    """
    text = _PREFIX.sub("", line).rstrip(".")
    is_warning = _PREFIX.match(line) is not None and _is_informative(line)
    return "" if text.startswith(" ") or not is_warning else text


def hint_for(cause: str) -> str:
    """Return what an operator can do about a cause; empty when no hint is known."""
    return next((hint for text, hint in _HINTS if text in cause), "")


def _is_informative(line: str) -> bool:
    found = _PREFIX.match(line)
    if found is None:
        # Not a line of tor's log: output of another tool or of the dynamic loader.
        return bool(line.strip())
    return found["level"] in ("warn", "err") and not any(text in line for text in _UNINFORMATIVE)
