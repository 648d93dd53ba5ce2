"""Reads the capacity limits from the `[capacity]` table of a configuration."""

from __future__ import annotations

from dataclasses import asdict

from server.config.values import check_keys, read_int, read_table
from server.core.limits import MAX_CAPACITY, Capacity


def read_capacity(value: object) -> Capacity:
    """Read `[capacity]`; a key that is missing keeps its default.

    Raises:
        OperatorError: for the first invalid value; the hint names its key.
    """
    table = read_table(value, "capacity", "begin it with [capacity]")
    defaults, most = asdict(Capacity()), asdict(MAX_CAPACITY)
    check_keys(table, defaults, "capacity.")
    return Capacity(
        **{
            key: read_int(table, key, "capacity.", default=defaults[key], least=1, most=most[key])
            for key in defaults
        }
    )
