"""Checks whether the web process overwrites memory that it frees: tried in a similar process."""

from __future__ import annotations

from .findings import Finding, State

NAME = "freed memory"
HINT = "use a system with glibc, such as Debian; until then, the privacy page mentions it"


def check_freed(*, overwrites: bool) -> Finding:
    """Find whether a process that is started like the web process overwrites freed memory here."""
    if not overwrites:
        sentence = "freed memory is not overwritten: it may hold traces of past conversations"
        return Finding(NAME, State.NOTED, sentence, HINT)
    return Finding(NAME, State.HOLDS, "the web process overwrites memory that it frees")
