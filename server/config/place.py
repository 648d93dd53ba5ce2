"""Finds the line of a configuration on which a key stands, for errors.

The parser of the standard library keeps no lines. So the text is parsed up to each line: the value
of a key is complete on the first line with which the key is there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

MAX_LINES = 400
"""In a longer file no line is named: the search parses the text once for each line."""

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def find_line(text: str, key: str) -> int | None:
    """Return the line on which a key, or else the table that should have it, begins.

    Args:
        text: a valid TOML document.
        key: the path of the key, such as `rooms[2].title.en`.

    Returns:
        The number of the line, from 1; `None` if nothing of the path is in the text.
    """
    lines = text.splitlines(keepends=True)
    if len(lines) > MAX_LINES:
        return None
    path = [name or int(number) - 1 for name, number in _PART.findall(key)]
    found = [_parse("".join(lines[:end])) for end in range(len(lines) + 1)]
    for length in range(len(path), 0, -1):
        for end, tables in enumerate(found):
            if tables is not None and _has(tables, path[:length]):
                # The value began after the last line at which the text was complete.
                return max(before for before in range(end) if found[before] is not None) + 1
    return None


def _parse(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _has(value: object, path: Sequence[str | int]) -> bool:
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return False
    return True
