"""Writes a configuration for the web process: without what it must not know.

The web process is what visitors reach, so what it does not know cannot be taken from it. Bridges
tell where tor enters the network, and with that nearly where the server is.

A value is rendered as TOML 1.0: keys in quotes, tables inline. JSON's strings are TOML's, but for
one character that JSON does not escape.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping

from server.config.environment import NO_VARIABLES, Variables, with_variables

WITHHELD = {"tor": frozenset({"bridges"})}
"""Table -> its keys that the web process does not get."""

_DELETE = "\x7f"


def for_web_process(text: str, variables: Variables = NO_VARIABLES) -> str:
    """Return the text of a valid configuration without the keys of `WITHHELD`.

    The values of the variables are in it: the web process does not get the environment.
    """
    tables = dict(with_variables(tomllib.loads(text), variables))
    for table, keys in WITHHELD.items():
        found = tables.get(table)
        if isinstance(found, dict):
            tables[table] = {key: value for key, value in found.items() if key not in keys}
    return "".join(f"{_text(key)} = {_value(value)}\n" for key, value in tables.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{_text(key)} = {_value(each)}" for key, each in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return str(value).lower()
    # Numbers, and dates: `str` of a date is TOML's form.
    return str(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")
