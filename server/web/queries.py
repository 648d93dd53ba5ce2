"""Reads what stands behind the question mark of a URL."""

from __future__ import annotations

from quart import request

from server.core.errors import BadCursorError

MAX_DIGITS = 9


def read_number(name: str, *, default: int) -> int:
    """A non-negative number in plain digits, or `default` when the URL does not name it.

    Raises:
        BadCursorError: if it is anything else.
    """
    value = request.args.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
        raise BadCursorError
    return int(value)
