"""Reads the languages and the operator's words from the `[house]` table of a configuration."""

from __future__ import annotations

from server.config.languages import read_languages
from server.config.values import check_keys, read_table, read_words
from server.core.house import House
from server.core.limits import MAX_TITLE_CHARS

KEYS = frozenset({"languages", "title", "welcome", "rules", "contact"})

MAX_WELCOME_CHARS = 300
MAX_RULES_CHARS = 2_000
MAX_CONTACT_CHARS = 300


def read_house(value: object) -> House:
    """Read `[house]`; what is missing is not shown.

    Raises:
        OperatorError: for the first invalid value; the hint names its key.
    """
    table = read_table(value, "house", "begin it with [house]")
    check_keys(table, KEYS, "house.")
    return House(
        languages=read_languages(table.get("languages")),
        title=read_words(table, "title", "house.", max_chars=MAX_TITLE_CHARS),
        welcome=read_words(table, "welcome", "house.", max_chars=MAX_WELCOME_CHARS),
        rules=read_words(table, "rules", "house.", max_chars=MAX_RULES_CHARS, multiline=True),
        contact=read_words(table, "contact", "house.", max_chars=MAX_CONTACT_CHARS),
    )
