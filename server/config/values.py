"""Reads single values of a TOML file; every error carries a hint that names the key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence

from server.core.errors import OperatorError
from server.core.limits import MAX_TITLE_CHARS
from server.core.room.public import LocalizedText
from server.core.text import clean

Table = Mapping[str, object]

NO_TABLES: Mapping[str, str] = {}

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class InvalidKeyError(OperatorError):
    """A key of the configuration is wrong, or missing."""

    def __init__(
        self,
        key: str,
        problem: str,
        hint: str,
        line: int | None = None,
        variable: str | None = None,
    ) -> None:
        where = f" ({variable})" if variable else f" (line {line})" if line else ""
        super().__init__(f"the configuration's {key}{where} {problem}", f"{key}: {hint}")
        self.key, self.problem, self.advice = key, problem, hint
        self.line, self.variable = line, variable

    def at_line(self, line: int | None) -> InvalidKeyError:
        """Return the same error with the line on which the key stands."""
        return InvalidKeyError(self.key, self.problem, self.advice, line)

    def in_variable(self, name: str) -> InvalidKeyError:
        """Return the same error with the variable of the environment that has set the key."""
        return InvalidKeyError(self.key, self.problem, self.advice, variable=name)


def invalid(key: str, problem: str, hint: str) -> InvalidKeyError:
    """Make the error for one key.

    Args:
        key: with the path of its table, such as `rooms[2].slow`.
        problem: what is wrong; it continues a sentence that begins with the key.
        hint: what to write instead; it follows the key and a colon.
    """
    return InvalidKeyError(key, problem, hint)


def check_keys(
    table: Table,
    known: Collection[str],
    within: str,
    elsewhere: Mapping[str, str] = NO_TABLES,
) -> None:
    """Check that a table has no unknown key: a misspelt one would have no effect.

    Args:
        table: the table.
        known: the keys that it may have.
        within: its path, with a dot at the end; empty for the whole file.
        elsewhere: keys of other tables, which may have been written here; key -> table.

    Raises:
        OperatorError: for the first unknown key.
    """
    for key in table:
        if key not in known:
            hint = f"known here: {', '.join(sorted(known))}"
            if key in elsewhere:
                hint = f"this key belongs below [{elsewhere[key]}]"
            elif near := difflib.get_close_matches(key, known, n=1):
                hint = f"did you mean {near[0]}? {hint}"
            raise invalid(f"{within}{key}", "is not a known key", hint)


def read_table(value: object, key: str, hint: str) -> Table:
    """Read a table; a missing one counts as an empty one.

    Args:
        value: from the file; `None` if it is missing.
        key: its path.
        hint: how such a table is written.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(key, "is not a table", hint)
    return value


def read_tables(value: object, key: str, *, max_tables: int) -> list[tuple[Table, str]]:
    """Read a list of tables, each with its path, such as `rooms[2].`."""
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise invalid(key, "is not a list of tables", f"begin each with [[{key}]]")
    if len(value) > max_tables:
        raise invalid(key, "is too long", f"at most {max_tables}")
    return [(table, f"{key}[{number}].") for number, table in enumerate(value, start=1)]


def check_unique(names: Sequence[str], tables: str, key: str) -> None:
    """Check that no two tables of a list have the same name.

    Args:
        names: the names, in the order of the tables.
        tables: the key of the list.
        key: the key of the name within a table.

    Raises:
        OperatorError: for the first name that is repeated.
    """
    for number, name in enumerate(names):
        if name in names[:number]:
            raise invalid(f"{tables}[{number + 1}].{key}", "is used twice", "choose another")


def read_int(table: Table, key: str, within: str, *, default: int, least: int, most: int) -> int:
    """Read an integer from `least` to `most`."""
    value = table.get(key, default)
    # `bool` is a subclass of `int` in Python, and a type of its own in TOML.
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise invalid(
            f"{within}{key}", "is not a valid number", f"a whole number from {least} to {most}"
        )
    return value


def read_bool(table: Table, key: str, within: str, *, default: bool) -> bool:
    """Read a truth value."""
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise invalid(f"{within}{key}", "is neither true nor false", "true or false, no quotes")
    return value


def read_text(value: object, key: str, *, max_chars: int, multiline: bool = False) -> str:
    """Read a text with at least one visible character, cleaned like a visitor's message.

    Args:
        value: from the file.
        key: its path.
        max_chars: the longest, after cleaning.
        multiline: whether line ends are kept.
    """
    text = clean(value) if isinstance(value, str) else ""
    text = text if multiline else " ".join(text.split())
    if not text or len(text) > max_chars:
        raise invalid(key, "is not a valid text", f'"words", at most {max_chars} characters')
    return text


def read_name(value: object, key: str) -> str:
    """Read a name that needs no escaping in a URL or a form."""
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(value) > MAX_TITLE_CHARS:
        raise invalid(
            key,
            "is not a valid name",
            f"a to z, digits and single hyphens between them, at most {MAX_TITLE_CHARS}",
        )
    return value


def read_words(
    table: Table,
    key: str,
    within: str,
    *,
    max_chars: int,
    multiline: bool = False,
    required: bool = False,
) -> LocalizedText:
    """Read a text in any number of languages.

    Args:
        table: the table that holds it.
        key: the key of the text in that table.
        within: the path of that table.
        max_chars: the longest in each language, after cleaning.
        multiline: whether line ends are kept.
        required: whether at least one language must be there.
    """
    hint = f'{key}.en = "words"'
    words = read_table(table.get(key), f"{within}{key}", hint)
    if required and not words:
        raise invalid(f"{within}{key}", "is missing", hint)
    for code in words:
        if not _LANGUAGE.fullmatch(code):
            raise invalid(
                f"{within}{key}.{code}", "is not a language code", "a code such as en or fa"
            )
    return {
        code: read_text(text, f"{within}{key}.{code}", max_chars=max_chars, multiline=multiline)
        for code, text in words.items()
    }
