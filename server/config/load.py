"""Reads the operator's one file of configuration; whatever is wrong in it stops the start.

    [[rooms]]
    name = "garden"                  # stands in URLs: a to z, digits, hyphens
    title.en = "The garden"          # title, topic and rules in any number of languages
    topic.en = "Plants, weather, small things"
    rules.en = "No advice unless asked for."
    class = "support"                # or "general", which is usual
    slow = 0                         # seconds between two messages of one member
    capacity = 500                   # members at once
    resources = ["a line", "…"]      # pinned; in support rooms only

    [[topics]]                       # to choose from, when one looks for somebody
    code = "plants"                  # travels in forms: a to z, digits, hyphens
    name.en = "plants"               # in any number of languages

    [[hours]]                        # when people usually come
    from = "18:00"                   # in UTC, on every day
    until = "22:00"                  # it may pass midnight

    [capacity]                       # how much there may be at once
    sessions = 20000
    rooms = 1000                     # private ones
    tickets = 10000                  # people who wait
    streams = 12000

Whoever names a room replaces the two that are there without configuration; whoever names a topic,
the twelve. `docs/configuration.md` is for operators, with every limit.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server.config.capacity import read_capacity
from server.config.defaults import default_rooms, default_topics
from server.config.hours import read_hours
from server.config.rooms import read_rooms
from server.config.topics import read_topics
from server.config.values import refuse_unknown
from server.core.errors import OperatorError
from server.core.limits import Capacity
from server.core.meeting_hours import MeetingHours
from server.core.room.public import PublicRoom, Words

KEYS = frozenset({"rooms", "topics", "hours", "capacity"})


@dataclass(frozen=True, slots=True)
class Config:
    """What the operator decided."""

    rooms: tuple[PublicRoom, ...]
    """The public rooms, in the order in which they are listed."""

    topics: Mapping[str, Words]
    """Code -> what it is called: the topics to choose from, in the order of the long form."""

    hours: MeetingHours
    """When people usually come; none without configuration."""

    capacity: Capacity
    """How much of everything there may be at once."""


def default_config() -> Config:
    """What holds where the operator has decided nothing."""
    return Config(default_rooms(), default_topics(), MeetingHours(), Capacity())


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
    refuse_unknown(told, KEYS, "")
    return Config(
        rooms=read_rooms(told["rooms"]) if "rooms" in told else default_rooms(),
        topics=read_topics(told["topics"]) if "topics" in told else default_topics(),
        hours=read_hours(told.get("hours", [])),
        capacity=read_capacity(told.get("capacity")),
    )
