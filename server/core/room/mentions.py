"""Finds the members that a message mentions: `@Quiet Heron`, written in any case.

Only the name of a present or former member counts; anything else after an `@` is plain text. Names
may share a prefix, so the longest name that matches is the one mentioned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from server.core.limits import MAX_MENTIONS

SIGN = "@"
_WORD_ENDS = re.compile(r"(?<=\w)(?!\w)")


def find_mentions(text: str, names: Mapping[int, str]) -> tuple[int, ...]:
    """Return the numbers of the members that a text mentions, each once, in text order.

    Args:
        text: after cleaning.
        names: all names that the conversation keeps, by member number.
    """
    numbers = {name.casefold(): number for number, name in names.items()}
    longest = max(map(len, numbers), default=0)
    found: dict[int, None] = {}
    # The first piece precedes the first sign, so it cannot start with a name.
    for piece in text.casefold().split(SIGN)[1:]:
        number = _leading_name(piece[: longest + 1], numbers)
        if number is not None:
            found[number] = None
    return tuple(found)[:MAX_MENTIONS]


def _leading_name(piece: str, numbers: Mapping[str, int]) -> int | None:
    ends = [match.end() for match in _WORD_ENDS.finditer(piece)]
    for end in reversed(ends):
        if piece[:end] in numbers:
            return numbers[piece[:end]]
    return None
