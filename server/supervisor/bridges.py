"""Reads the operator's bridges and torrc lines, and combines them safely."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from onion import (
    Bridge,
    BridgedLines,
    BridgesUnusableError,
    parse_bridge,
    read_user_torrc,
    with_bridges,
)
from server.config.environment import NO_VARIABLES, Variables
from server.config.load import load_config, located, parse_config, read_text
from server.config.tor import BRIDGES_HINT
from server.config.values import InvalidKeyError, invalid
from server.core.errors import OperatorError


async def operator_lines(
    config: Path | None, own_lines: Path | None, variables: Variables = NO_VARIABLES
) -> BridgedLines:
    """Return the torrc lines with which tor is to run; nothing goes out beside a bridge in them.

    Args:
        config: the configuration file, with bridges in its table `[tor]`.
        own_lines: a file with the operator's own torrc lines; may hold bridges as well.
        variables: of the environment; may hold bridges in place of those of the file.

    Raises:
        OperatorError: if the configuration, or a bridge in it, is invalid.
        OnionError: if the file is, or if the bridges cannot be used on this machine.
    """
    configured = configured_bridges(config, variables)
    try:
        bridges = parse_bridges(configured)
    except InvalidKeyError as error:
        raise located(error, read_text(config), variables) from None
    lines = read_user_torrc(own_lines) if own_lines else []
    try:
        return await with_bridges(bridges, lines)
    except BridgesUnusableError as error:
        if own_lines:
            error.hint = f"look at the lines about bridges in {own_lines}; {error.hint}"
        raise


def configured_bridges(config: Path | None, variables: Variables = NO_VARIABLES) -> tuple[str, ...]:
    """Return the bridge lines of a configuration, as they are written there.

    Raises:
        OperatorError: if it is invalid.
    """
    return load_config(config, variables).tor.bridges


def parse_bridges(lines: Sequence[str]) -> list[Bridge]:
    """Parse the lines of `tor.bridges`.

    Raises:
        OperatorError: for the first that cannot work; it names the place of the line.
    """
    bridges = []
    for number, line in enumerate(lines, start=1):
        try:
            bridges.append(parse_bridge(line))
        except ValueError as reason:
            raise invalid(f"tor.bridges[{number}]", str(reason), BRIDGES_HINT) from None
    return bridges


def check_bridges(text: str, variables: Variables = NO_VARIABLES) -> list[OperatorError]:
    """Return what is wrong with the bridges of a valid configuration; at most one error."""
    try:
        parse_bridges(parse_config(text, variables).tor.bridges)
    except InvalidKeyError as error:
        return [located(error, text, variables)]
    return []
