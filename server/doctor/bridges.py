"""Checks whether tor can go through the operator's bridges, and whether it goes through them only.

The program of each transport is started for a moment, and asked whether it serves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from onion import (
    BridgedLines,
    BridgesUnusableError,
    TransportFailedError,
    TransportMissingError,
)
from server.supervisor.bridges import operator_lines

from .findings import Finding, State

BRIDGES = "bridges"


@dataclass(frozen=True, slots=True)
class BridgeFacts:
    """What was found out about the operator's bridges."""

    lines: BridgedLines
    """With what `sottovoce up` would start tor."""

    refused: str = ""
    """Why it would not start; empty if it would."""

    hint: str = ""


async def examine_bridges(
    config: Path | None, own_lines: Path | None, variables: Mapping[str, str] | None = None
) -> BridgeFacts:
    """Combine the operator's bridges and torrc lines as `sottovoce up` does.

    Raises:
        OperatorError, OnionError: if one of the files cannot be used.
    """
    try:
        return BridgeFacts(await operator_lines(config, own_lines, variables or {}))
    except (BridgesUnusableError, TransportFailedError, TransportMissingError) as error:
        return BridgeFacts(BridgedLines(()), str(error), error.hint)


def check_bridges(facts: BridgeFacts) -> Finding:
    """Find whether tor would go through the bridges, and only through them."""
    if facts.refused:
        return Finding(BRIDGES, State.FAILS, facts.refused, facts.hint)
    if not facts.lines.has_bridges:
        return Finding(BRIDGES, State.HOLDS, "none: tor connects to the network directly")
    names = ", ".join(facts.lines.transports) or "no transport"
    said = "; ".join(("tor goes through bridges only", names, *facts.lines.notes))
    state = State.NOTED if facts.lines.notes else State.HOLDS
    return Finding(BRIDGES, state, said)
