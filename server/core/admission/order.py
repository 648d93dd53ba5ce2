"""What an operator may order about coming in: how long, and with which words."""

from __future__ import annotations

from server.core.errors import OperatorError
from server.core.text import clean

from .closing import MAX_WORDS_CHARS, MINUTE_S, read_seconds

HOUR_S = 3_600

CLOSED_S = (MINUTE_S, 24 * HOUR_S)
"""The shortest and the longest time for which a server is closed. Sessions last twelve hours, so
after a day nobody is left inside."""

DRAIN_S = (MINUTE_S, 2 * HOUR_S)
"""The shortest and the longest time for a drain."""

MAX_RAW_WORDS_CHARS = 10 * MAX_WORDS_CHARS
"""What is longer than this is not looked into."""


def read_words(raw: str) -> str:
    """Clean the operator's words for the closed page into one line.

    Raises:
        OperatorError: if nothing visible is left, or too much.
    """
    words = " ".join(clean(raw).split()) if len(raw) <= MAX_RAW_WORDS_CHARS else raw
    if not words:
        raise OperatorError("the words for visitors are empty", 'write --say "words", or leave it')
    if len(words) > MAX_WORDS_CHARS:
        raise OperatorError(
            "the words for visitors are too long", f"at most {MAX_WORDS_CHARS} characters"
        )
    return words


def check_duration(value: object, bounds: tuple[int, int]) -> float:
    """Check a duration in seconds that came from outside.

    Raises:
        OperatorError: if it is no number, or not within the bounds.
    """
    least, most = bounds
    try:
        seconds = read_seconds(value)
    except ValueError:
        seconds = -1.0
    if not least <= seconds <= most:
        raise OperatorError(
            "this time is too short or too long",
            f"from {least // MINUTE_S} minute to {most // HOUR_S} hours",
        )
    return seconds
