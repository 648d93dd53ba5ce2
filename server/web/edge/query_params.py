"""Reads numbers, as they stand behind the question mark of a URL or in a form."""

from __future__ import annotations

from quart import request

from server.core.errors import BadCursorError
from server.core.limits import CONSTANT_RATE_CHOICES_S

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


STEADY = "steady"


def read_steady() -> int | None:
    """Seconds between two cells, as the URL says: 0 for things when they happen; `None` if not.

    Raises:
        BadCursorError: if it says something else.
    """
    if STEADY not in request.args:
        return None
    every_s = read_number(STEADY, default=0)
    if every_s not in CONSTANT_RATE_CHOICES_S:
        raise BadCursorError
    return every_s


def steady_query(every_s: int | None) -> str:
    """What says the same again, behind the path of a URL."""
    return "" if every_s is None else f"?{STEADY}={every_s}"


def to_number(value: str, otherwise: int) -> int:
    """A non-negative number in plain digits; anything else is `otherwise`."""
    plain_digits = value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
    return int(value) if plain_digits else otherwise
