"""Reads the operator's one file of configuration; whatever is wrong in it stops the start.

    [[rooms]]
    name = "garden"                  # stands in URLs: a to z, digits, hyphens
    title.en = "The garden"          # title, topic and rules in any number of languages
    topic.en = "Plants, weather, small things"
    rules.en = "No advice unless asked for."
    class = "general"                # or "support"
    slow = 0                         # seconds between two messages of one member
    capacity = 500                   # members at once
    resources = ["a line", "…"]      # pinned; in support rooms only

A room that is named here replaces the two that are there without configuration.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server.core.errors import OperatorError
from server.core.publicroom import PublicRoom
from server.defaultrooms import default_rooms
from server.roomtable import read_rooms
from server.tables import refuse_unknown


@dataclass(frozen=True, slots=True)
class Config:
    """What the operator decided."""

    rooms: tuple[PublicRoom, ...]
    """The public rooms, in the order in which they are listed."""


def default_config() -> Config:
    """What holds where the operator has decided nothing."""
    return Config(rooms=default_rooms())


def load_config(file: Path) -> Config:
    """Read a file of configuration.

    Raises:
        OperatorError: if it cannot be read, is no TOML, or says what cannot be; the hint names
            the key.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OperatorError(
            f"the configuration {file} cannot be read: {reason}", "check the path after --config"
        ) from None
    except UnicodeDecodeError:
        raise OperatorError(f"the configuration {file} is not UTF-8", "save it as UTF-8") from None
    return parse_config(text)


def parse_config(text: str) -> Config:
    """Read a configuration from its text; see `load_config`."""
    try:
        told: Mapping[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(
            "the configuration is not TOML", str(error)[:1].lower() + str(error)[1:]
        ) from None
    refuse_unknown(told, {"rooms"}, "")
    if "rooms" not in told:
        return default_config()
    return Config(rooms=read_rooms(told["rooms"]))
