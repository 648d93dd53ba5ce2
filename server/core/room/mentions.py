"""Finds whom a message means: `@Quiet Heron`, written in any case.

Only the name of somebody who is, or was, in the conversation is one; anything else after an `@`
is a text. Names may share their beginning, so the longest that fits is the one that is meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from server.core.limits import MAX_MENTIONS

SIGN = "@"
_WORD_ENDS = re.compile(r"(?<=\w)(?!\w)")


def find_mentions(text: str, names: Mapping[int, str]) -> tuple[int, ...]:
    """The numbers of those whom a text names, each once, in the order of the text.

    Args:
        text: after cleaning.
        names: of everybody whom the conversation knows, by number.
    """
    numbers = {name.casefold(): number for number, name in names.items()}
    longest = max(map(len, numbers), default=0)
    found: dict[int, None] = {}
    # The first piece stands before the first sign.
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
