"""Reads what the operator says about a tor that the system runs, from the `[tor]` table."""

from __future__ import annotations

from dataclasses import dataclass

from server.config.values import check_keys, read_bool, read_table

KEYS = frozenset({"circuit_ids"})


@dataclass(frozen=True, slots=True)
class ForeignTor:
    """A tor that the supervisor did not start."""

    circuit_ids: bool = False
    """Whether it begins each connection with the id of its circuit.

    If it does not, a visitor can send such a line in its place, and choose the id.
    """


def read_tor(value: object) -> ForeignTor:
    """Read `[tor]`; a key that is missing keeps its default.

    Raises:
        OperatorError: for the first invalid value; the hint names its key.
    """
    table = read_table(value, "tor", "begin it with [tor]")
    check_keys(table, KEYS, "tor.")
    return ForeignTor(read_bool(table, "circuit_ids", "tor.", default=False))
