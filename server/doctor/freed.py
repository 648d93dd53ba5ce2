"""Whether memory that the web process frees is overwritten: tried in a process started so."""

from __future__ import annotations

from .findings import Finding, State

NAME = "freed memory"
HINT = "take a system whose C library is glibc, such as Debian; the privacy page says how it is"


def check_freed(*, overwrites: bool) -> Finding:
    """Find whether what a process frees here is overwritten, when it is started as a house is."""
    if not overwrites:
        sentence = "it is not overwritten: an image of it can hold traces of what has ended"
        return Finding(NAME, State.NOTED, sentence, HINT)
    return Finding(NAME, State.HOLDS, "the web process overwrites what it frees")
