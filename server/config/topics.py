"""Reads the topics to choose from, from the tables of a configuration."""

from __future__ import annotations

from collections.abc import Mapping

from server.config.values import (
    Table,
    read_name,
    read_tables,
    read_words,
    refuse_twice,
    refuse_unknown,
)
from server.core.limits import MAX_TITLE_CHARS, MAX_TOPICS
from server.core.room.public import Words

KEYS = frozenset({"code", "name"})


def read_topics(value: object) -> Mapping[str, Words]:
    """Read `[[topics]]`: code -> name, in the order in which they are offered.

    Raises:
        OperatorError: for the first thing that is wrong; the hint names its key.
    """
    tables = read_tables(value, "topics", most=MAX_TOPICS)
    topics = [_read_topic(table, within) for table, within in tables]
    refuse_twice([code for code, _ in topics], "topics", "code")
    return dict(topics)


def _read_topic(table: Table, within: str) -> tuple[str, Words]:
    refuse_unknown(table, KEYS, within)
    return (
        read_name(table.get("code"), f"{within}code"),
        read_words(table, "name", within, most_chars=MAX_TITLE_CHARS, needed=True),
    )
