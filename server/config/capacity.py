"""Reads how much the house holds from a table of a configuration."""

from __future__ import annotations

from dataclasses import asdict

from server.config.values import read_table, read_whole, refuse_unknown
from server.core.limits import MAX_CAPACITY, Capacity


def read_capacity(value: object) -> Capacity:
    """Read `[capacity]`; what it leaves out stays as it is without it.

    Raises:
        OperatorError: for the first thing that is wrong; the hint names its key.
    """
    table = read_table(value, "capacity", "begin it with [capacity]")
    usual, most = asdict(Capacity()), asdict(MAX_CAPACITY)
    refuse_unknown(table, usual, "capacity.")
    return Capacity(
        **{
            key: read_whole(table, key, "capacity.", default=usual[key], least=1, most=most[key])
            for key in usual
        }
    )
