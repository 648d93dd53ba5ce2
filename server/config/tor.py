"""Reads what the operator says about tor, from the `[tor]` table.

A bridge line is only taken as a text here; Tor's side knows how one looks, and checks it before tor
starts. The web process must not have the lines: whoever breaks into it would learn where tor enters
the network. So the supervisor leaves them out of what it hands over.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.config.values import check_keys, invalid, read_bool, read_table

KEYS = frozenset({"circuit_ids", "bridges"})
MAX_BRIDGES = 100
"""A list that is handed out has two or three."""

MAX_BRIDGE_CHARS = 4096
BRIDGES_HINT = 'bridges = ["obfs4 …", "obfs4 …"]: each line as you were given it, in quotes'


@dataclass(frozen=True, slots=True)
class TorTable:
    """What the operator says about tor."""

    circuit_ids: bool = False
    """Whether a tor that the supervisor did not start begins each connection with its circuit's id.

    If it does not, a visitor can send such a line in its place, and choose the id.
    """

    bridges: tuple[str, ...] = ()
    """Bridge lines, as the operator wrote them; for the tor that the supervisor starts."""


def read_tor(value: object) -> TorTable:
    """Read `[tor]`; a key that is missing keeps its default.

    Raises:
        OperatorError: for the first invalid value; the hint names its key.
    """
    table = read_table(value, "tor", "begin it with [tor]")
    check_keys(table, KEYS, "tor.")
    return TorTable(
        read_bool(table, "circuit_ids", "tor.", default=False),
        _read_bridges(table.get("bridges", [])),
    )


def _read_bridges(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise invalid("tor.bridges", "is not a list", BRIDGES_HINT)
    if len(value) > MAX_BRIDGES:
        raise invalid("tor.bridges", "is too long", f"at most {MAX_BRIDGES}")
    for number, line in enumerate(value, start=1):
        if not isinstance(line, str) or not line.strip() or len(line) > MAX_BRIDGE_CHARS:
            raise invalid(f"tor.bridges[{number}]", "is not a bridge line", BRIDGES_HINT)
    return tuple(value)
