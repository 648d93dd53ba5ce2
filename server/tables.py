"""Reads one value of a TOML table, with a hint that names its key when it is not as it must be."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from server.core.errors import OperatorError
from server.core.text import clean

Table = Mapping[str, object]


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


def read_table(value: object, key: str) -> Table:
    """A table; a missing one reads as an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(key, "is no table", 'write it with a language, such as .en = "words"')
    return value


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
