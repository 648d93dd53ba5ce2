"""Makes the forms of one text alike: digits of every script, wide signs, dashes, spaces, case."""

from __future__ import annotations

import re

_OTHER_DIGIT = re.compile(r"[^\D0-9]")

_SIGNS = str.maketrans(
    "\uff20\uff0e\u3002\uff61\uff1a\uff0f\uff0d\uff08\uff09\uff0b\uff3f\uff0c"
    "\u2010\u2011\u2012\u2013\u2014\u2212\u3000\u00a0\u2007\u202f",
    "@...:/-()+_,------    ",
)
"""Wide signs, ideographic full stops, dashes and spaces to those of ASCII, one to one."""


def fold(text: str) -> str:
    """Return `text` in lower case with ASCII digits and ASCII signs, in linear time."""
    if not text.isascii():
        text = _OTHER_DIGIT.sub(_ascii_digit, text.translate(_SIGNS))
    return text.lower()


def _ascii_digit(digit: re.Match[str]) -> str:
    return str(int(digit[0]))  # `int` reads the decimal digits of every script
