"""Reads the topics of matching from the `[[topics]]` tables of a configuration."""

from __future__ import annotations

from collections.abc import Mapping

from server.config.values import (
    Table,
    check_keys,
    check_unique,
    read_name,
    read_tables,
    read_words,
)
from server.core.limits import MAX_TITLE_CHARS, MAX_TOPICS
from server.core.room.public import LocalizedText

KEYS = frozenset({"code", "name"})


def read_topics(value: object) -> Mapping[str, LocalizedText]:
    """Read `[[topics]]`: code -> name, in the order in which the long form offers them.

    Raises:
        OperatorError: for the first invalid value; the hint names its key.
    """
    tables = read_tables(value, "topics", max_tables=MAX_TOPICS)
    topics = [_read_topic(table, within) for table, within in tables]
    check_unique([code for code, _ in topics], "topics", "code")
    return dict(topics)


def _read_topic(table: Table, within: str) -> tuple[str, LocalizedText]:
    check_keys(table, KEYS, within)
    return (
        read_name(table.get("code"), f"{within}code"),
        read_words(table, "name", within, max_chars=MAX_TITLE_CHARS, required=True),
    )
