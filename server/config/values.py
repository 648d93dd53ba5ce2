"""Reads values of a TOML file, with a hint that names the key of what is not as it must be."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from server.core.errors import OperatorError
from server.core.limits import MAX_TITLE_CHARS
from server.core.room.public import Words
from server.core.text import clean

Table = Mapping[str, object]

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def wrong(key: str, sentence: str, hint: str) -> OperatorError:
    """The error for one key.

    Args:
        key: with the table it stands in, such as `rooms[2].slow`.
        sentence: what is wrong about it, to be read after the key.
        hint: what to write instead, to be read after the key.
    """
    return OperatorError(f"the configuration's {key} {sentence}", f"{key}: {hint}")


def refuse_unknown(table: Table, known: Collection[str], within: str) -> None:
    """Pass if every key of a table is a known one: a misspelt key would decide nothing.

    Raises:
        OperatorError: for the first that is not.
    """
    for key in table:
        if key not in known:
            raise wrong(f"{within}{key}", "is no key", f"known here: {', '.join(sorted(known))}")


def read_table(value: object, key: str, hint: str) -> Table:
    """A table; a missing one reads as an empty one.

    Args:
        value: what stands in the file.
        key: where.
        hint: how such a table is written.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(key, "is no table", hint)
    return value


def read_tables(value: object, key: str, *, most: int) -> list[tuple[Table, str]]:
    """A list of tables, each with where it stands, such as `rooms[2].`."""
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise wrong(key, "is no list of tables", f"begin each with [[{key}]]")
    if len(value) > most:
        raise wrong(key, "is too long", f"at most {most}")
    return [(table, f"{key}[{number}].") for number, table in enumerate(value, start=1)]


def refuse_twice(names: Sequence[str], tables: str, key: str) -> None:
    """Pass if no two tables of a list have the same name.

    Args:
        names: in the order of the tables.
        tables: the key of the list.
        key: that of the name.
    """
    for number, name in enumerate(names):
        if name in names[:number]:
            raise wrong(f"{tables}[{number + 1}].{key}", "is there twice", "each has its own")


def read_whole(table: Table, key: str, within: str, *, default: int, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    value = table.get(key, default)
    # In Python a truth value is a number; in TOML it is none.
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise wrong(
            f"{within}{key}", "is no fitting number", f"a whole number from {least} to {most}"
        )
    return value


def read_text(value: object, key: str, *, most_chars: int, lines: bool = False) -> str:
    """A text with something visible in it, cleaned as what visitors type is.

    Args:
        value: what stands in the file.
        key: where.
        most_chars: after cleaning.
        lines: whether its line ends are kept.
    """
    text = clean(value) if isinstance(value, str) else ""
    text = text if lines else " ".join(text.split())
    if not text or len(text) > most_chars:
        raise wrong(key, "is no fitting text", f'"words", at most {most_chars} characters')
    return text


def read_name(value: object, key: str) -> str:
    """A name that needs no escaping wherever it stands, in a URL or a form."""
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > MAX_TITLE_CHARS:
        raise wrong(
            key,
            "is no fitting name",
            f"a to z, digits and single hyphens between them, at most {MAX_TITLE_CHARS}",
        )
    return value


def read_words(
    table: Table,
    key: str,
    within: str,
    *,
    most_chars: int,
    lines: bool = False,
    needed: bool = False,
) -> Words:
    """A text in any number of languages.

    Args:
        table: what it stands in.
        key: its own.
        within: that of the table.
        most_chars: in each language, after cleaning.
        lines: whether its line ends are kept.
        needed: whether it must stand in one language at least.
    """
    hint = f'{key}.en = "words"'
    words = read_table(table.get(key), f"{within}{key}", hint)
    if needed and not words:
        raise wrong(f"{within}{key}", "is missing", hint)
    for code in words:
        if not _LANGUAGE.fullmatch(code):
            raise wrong(f"{within}{key}.{code}", "names no language", "a code such as en or fa")
    return {
        code: read_text(text, f"{within}{key}.{code}", most_chars=most_chars, lines=lines)
        for code, text in words.items()
    }
