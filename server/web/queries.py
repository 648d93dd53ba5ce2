"""Reads numbers, as they stand behind the question mark of a URL or in a form."""

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
    number = to_number(value, -1)
    if number < 0:
        raise BadCursorError
    return number


def to_number(value: str, otherwise: int) -> int:
    """A non-negative number in plain digits; anything else is `otherwise`."""
    plain_digits = value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
    return int(value) if plain_digits else otherwise
