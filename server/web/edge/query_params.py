"""Parses numbers in the query of a URL and in forms."""

from __future__ import annotations

from quart import request

from server.core.errors import BadCursorError
from server.core.limits import CONSTANT_RATE_CHOICES_S

MAX_DIGITS = 9


def read_number(name: str, *, default: int) -> int:
    """Read a query parameter as a non-negative number, or `default` if it is absent.

    Raises:
        BadCursorError: if it is not a number in plain digits.
    """
    value = request.args.get(name)
    if value is None:
        return default
    number = to_number(value, -1)
    if number < 0:
        raise BadCursorError
    return number


RATE_PARAM = "steady"
"""The query parameter, and form field, with the interval of a constant-rate stream."""


def read_constant_rate() -> int | None:
    """Read the interval between two cells from the URL.

    Returns:
        Seconds; 0 for an ordinary live stream; `None` if the URL has no such parameter.

    Raises:
        BadCursorError: if the interval is not one of those offered.
    """
    if RATE_PARAM not in request.args:
        return None
    every_s = read_number(RATE_PARAM, default=0)
    if every_s not in CONSTANT_RATE_CHOICES_S:
        raise BadCursorError
    return every_s


def constant_rate_query(every_s: int | None) -> str:
    """Return the query that passes the interval on in a URL; empty for `None`."""
    return "" if every_s is None else f"?{RATE_PARAM}={every_s}"


def to_number(value: str, otherwise: int) -> int:
    """Parse a non-negative number in plain digits; return `otherwise` for anything else."""
    plain_digits = value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
    return int(value) if plain_digits else otherwise
