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
from server.config.load import load_config, parse_config
from server.config.place import find_line
from server.config.tor import BRIDGES_HINT
from server.config.values import InvalidKeyError, invalid
from server.core.errors import OperatorError


async def operator_lines(config: Path | None, own_lines: Path | None) -> BridgedLines:
    """Return the torrc lines with which tor is to run; nothing goes out beside a bridge in them.

    Args:
        config: the configuration file, with bridges in its table `[tor]`.
        own_lines: a file with the operator's own torrc lines; may hold bridges as well.

    Raises:
        OperatorError: if the configuration, or a bridge in it, is invalid.
        OnionError: if the file is, or if the bridges cannot be used on this machine.
    """
    bridges = parse_bridges(configured_bridges(config))
    lines = read_user_torrc(own_lines) if own_lines else []
    try:
        return await with_bridges(bridges, lines)
    except BridgesUnusableError as error:
        if own_lines:
            error.hint = f"look at the lines about bridges in {own_lines}; {error.hint}"
        raise


def configured_bridges(config: Path | None) -> tuple[str, ...]:
    """Return the bridge lines of a configuration file, as they are written there.

    Raises:
        OperatorError: if the file is invalid.
    """
    return load_config(config).tor.bridges if config else ()


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


def check_bridges(text: str) -> list[OperatorError]:
    """Return what is wrong with the bridges of a valid configuration; at most one error."""
    try:
        parse_bridges(parse_config(text).tor.bridges)
    except InvalidKeyError as error:
        return [error.at_line(find_line(text, error.key))]
    return []
