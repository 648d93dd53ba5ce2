"""Reads the operator's configuration file; any error in it stops the start of the server.

    [house]
    languages = ["fa", "en"]         # of the pages; the first for whoever has chosen none
    title.en = "The reading room"    # in place of the program's name
    welcome.en = "One paragraph."    # on the start page, as are these
    rules.en = "No advertising."     # one rule per line, beside the service's own
    contact.en = "On paper, to …"    # shown as a text, never as a link

    [[rooms]]
    name = "garden"                  # stands in URLs: a to z, digits, hyphens
    title.en = "The garden"          # title, topic and rules in any number of languages
    topic.en = "Plants, weather, small things"
    rules.en = "No advice unless asked for."
    class = "support"                # or "general", which is the default
    slow = 0                         # seconds between two messages of one member
    capacity = 500                   # members at once
    resources = ["a line", "…"]      # pinned; in support rooms only

    [[topics]]                       # to choose from, when asking for a match
    code = "plants"                  # sent in forms: a to z, digits, hyphens
    name.en = "plants"               # in any number of languages

    [[hours]]                        # when most visitors come
    from = "18:00"                   # in UTC, on every day
    until = "22:00"                  # it may pass midnight

    [capacity]                       # how much may exist at once
    sessions = 20000
    rooms = 1000                     # private ones
    tickets = 10000                  # visitors who wait for a match
    streams = 12000
    ring_mib = 128                   # memory of all messages that are kept

    [tor]
    bridges = ["obfs4 …"]            # bridge lines as they are handed out; for `sottovoce up`
    circuit_ids = true               # for `sottovoce serve`: the system's tor has in its torrc
                                     # HiddenServiceExportCircuitID haproxy

A file that names rooms replaces the two default rooms; one that names topics replaces the twelve
default topics. `docs/configuration.md` is for operators, and lists every limit.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

from server.config.capacity import read_capacity
from server.config.defaults import default_rooms, default_topics
from server.config.environment import (
    NO_VARIABLES,
    Variables,
    at_variable,
    check_variables,
    with_variables,
)
from server.config.hours import read_hours
from server.config.house import read_house
from server.config.place import find_line
from server.config.rooms import read_rooms
from server.config.topics import read_topics
from server.config.tor import TorTable, read_tor
from server.config.values import InvalidKeyError, Table, check_keys
from server.core.errors import OperatorError
from server.core.house import House
from server.core.limits import Capacity
from server.core.meeting_hours import MeetingHours
from server.core.room.public import LocalizedText, PublicRoom

READERS: Mapping[str, Callable[[object], object]] = {
    "house": read_house,
    "rooms": read_rooms,
    "topics": read_topics,
    "hours": read_hours,
    "capacity": read_capacity,
    "tor": read_tor,
}
KEYS = frozenset(READERS)
ELSEWHERE = {"circuit_ids": "tor"} | {
    field.name: "capacity" for field in fields(Capacity) if field.name not in KEYS
}
"""Keys of the tables: whoever writes one without its table is told where it belongs."""


@dataclass(frozen=True, slots=True)
class Config:
    """The checked contents of a configuration file."""

    rooms: tuple[PublicRoom, ...]
    """The public rooms, in the order in which they are listed."""

    topics: Mapping[str, LocalizedText]
    """Code -> name: the topics to choose from, in the order of the long form."""

    hours: MeetingHours
    """When most visitors come; none by default."""

    capacity: Capacity
    """How much of everything may exist at once."""

    tor: TorTable
    """What the operator says about tor."""

    house: House
    """What the operator says about the server, on its start page."""


def default_config() -> Config:
    """Return the configuration of a server without a configuration file."""
    return Config(
        default_rooms(), default_topics(), MeetingHours(), Capacity(), TorTable(), House()
    )


def load_config(file: Path | None, variables: Variables = NO_VARIABLES) -> Config:
    """Read a configuration.

    Args:
        file: the configuration file, if there is one.
        variables: of the environment, in force in place of what the file says.

    Raises:
        OperatorError: if the file cannot be read, is not TOML, or a value is invalid; then the
            hint names the key.
    """
    return parse_config(read_text(file), variables)


def read_text(file: Path | None) -> str:
    """Read the text of a configuration file; without a file it is empty.

    Raises:
        OperatorError: if it cannot be read, or is not UTF-8.
    """
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OperatorError(
            f"the configuration {file} cannot be read: {reason}", "check the path after --config"
        ) from None
    except UnicodeDecodeError:
        raise OperatorError(f"the configuration {file} is not UTF-8", "save it as UTF-8") from None


def parse_config(text: str, variables: Variables = NO_VARIABLES) -> Config:
    """Read a configuration from its text. Raises as `load_config`."""
    errors = find_errors(text, variables)
    if errors:
        raise errors[0]
    tables = with_variables(_parse_tables(text), variables)
    return Config(
        rooms=read_rooms(tables["rooms"]) if "rooms" in tables else default_rooms(),
        topics=read_topics(tables["topics"]) if "topics" in tables else default_topics(),
        hours=read_hours(tables.get("hours", [])),
        capacity=read_capacity(tables.get("capacity")),
        tor=read_tor(tables.get("tor")),
        house=read_house(tables.get("house")),
    )


def find_errors(text: str, variables: Variables = NO_VARIABLES) -> list[OperatorError]:
    """Return what is wrong with a configuration: the first error of each table, in their order."""
    try:
        check_variables(variables)
        tables = with_variables(_parse_tables(text), variables)
    except OperatorError as error:
        return [error]
    errors: list[OperatorError] = []
    for check in (lambda: check_keys(tables, KEYS, "", ELSEWHERE), *_checks(tables)):
        try:
            check()
        except InvalidKeyError as error:
            errors.append(located(error, text, variables))
    return errors


def located(error: InvalidKeyError, text: str, variables: Variables) -> InvalidKeyError:
    """Return the error with its place: the variable that set the key, else its line."""
    return at_variable(error, variables) or error.at_line(find_line(text, error.key))


def _checks(tables: Table) -> Iterator[Callable[[], object]]:
    for key, read in READERS.items():
        if key in tables:
            yield partial(read, tables[key])


def _parse_tables(text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(
            "the configuration is not TOML", str(error)[:1].lower() + str(error)[1:]
        ) from None
    except ValueError:
        raise OperatorError(
            "the configuration is not TOML", "a number in it has thousands of digits"
        ) from None
    except RecursionError:
        raise OperatorError(
            "the configuration is not TOML", "lists in it stand in one another a thousand deep"
        ) from None
