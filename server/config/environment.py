"""Reads single keys of the configuration from variables of the environment.

`SOTTOVOCE_CAPACITY_STREAMS=500` stands for `streams = 500` in the table `[capacity]`, and is in
force in place of what the file says. A value is read as TOML if that is of the type of its key,
and as plain text otherwise, so that nobody has to put quotes into quotes. A variable that is empty
counts as not set. An unknown one stops the start, as an unknown key of the file does.

The lists of tables (`rooms`, `topics`, `hours`) have no variable.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from server.config import house, tor
from server.config.languages import find_language
from server.config.values import InvalidKeyError, Table
from server.core.errors import OperatorError
from server.core.limits import Capacity
from server.locales.language import SOURCE

Variables = Mapping[str, str]
"""Name -> value, as in the environment."""

NO_VARIABLES: Variables = {}

PREFIX = "SOTTOVOCE_"
OF_OPTIONS = ("SOTTOVOCE_CONFIG", "SOTTOVOCE_FOLDER")
"""Names that stand for options."""

OTHERS = frozenset({*OF_OPTIONS, "SOTTOVOCE_STARTED_AGAIN"})
"""Names that are no keys; the sandbox sets the last by itself."""

FILE_ONLY = ("rooms", "topics", "hours")
"""Lists of tables, which are set in the file only."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: the key for which it stands, and how its value is read."""

    table: str
    key: str
    types: tuple[type, ...]
    """A value that is TOML of one of these types is taken as TOML."""

    read_plain: Callable[[str], object] = str
    """Makes a value of the key from plain text."""

    @property
    def path(self) -> str:
        """The path of the key, such as `house.title`."""
        return f"{self.table}.{self.key}"

    def read(self, text: str) -> object:
        """Return the value that a text stands for; the reader of the table checks it."""
        value = _toml_value(text)
        # `bool` is a subclass of `int` in Python, so the types are compared.
        return value if type(value) in self.types else self.read_plain(text)


def _listed(variables: list[Variable]) -> dict[str, Variable]:
    return {f"{PREFIX}{each.table}_{each.key}".upper(): each for each in variables}


VARIABLES: Mapping[str, Variable] = _listed(
    [
        Variable("house", "languages", (list,), lambda text: text.split(",")),
        *(Variable("house", key, (dict, str)) for key in sorted(house.KEYS - {"languages"})),
        *(Variable("capacity", field.name, (int,)) for field in fields(Capacity)),
        # One line each: a comma can be part of a bridge line.
        Variable("tor", "bridges", (list,), lambda text: text.strip().splitlines()),
        *(Variable("tor", key, (bool,)) for key in sorted(tor.KEYS - {"bridges"})),
    ]
)
"""Name -> what it stands for: every key of the tables that occur once."""


def own_variables(environment: Variables) -> dict[str, str]:
    """Return the variables that stand for keys, or seem to; those that are empty are left out."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(PREFIX) and name not in OTHERS and value
    }


def check_variables(variables: Variables) -> None:
    """Check that each variable stands for a key, and is text: a misspelt one would have no effect.

    Raises:
        OperatorError: for the first that does not.
    """
    for name, value in sorted(variables.items()):
        if name not in VARIABLES:
            shown = name.encode("ascii", "backslashreplace").decode()
            raise OperatorError(f"the variable {shown} is not known", f"{shown}: {_advice(name)}")
        if any("\ud800" <= c <= "\udfff" for c in value):
            # Python reads bytes of the environment that are no UTF-8 in this way.
            raise OperatorError(f"the variable {name} is not UTF-8", "set it as UTF-8")


def with_variables(tables: Table, variables: Variables) -> Table:
    """Return the tables of a file with the values of known variables in place of its own."""
    changed: dict[str, object] = dict(tables)
    for name, variable in VARIABLES.items():
        table = changed.get(variable.table, {})
        # A table that is none is refused by its reader.
        if name in variables and isinstance(table, dict):
            value = variable.read(variables[name])
            if isinstance(value, str) and dict in variable.types:
                value = {_first_language(changed): value}
            changed[variable.table] = {**table, variable.key: value}
    return changed


def at_variable(error: InvalidKeyError, variables: Variables) -> InvalidKeyError | None:
    """Return the error with the variable that has set its key; `None` if none has."""
    for name, variable in VARIABLES.items():
        if name in variables and re.match(rf"{re.escape(variable.path)}(?![\w-])", error.key):
            return error.in_variable(name)
    return None


def _first_language(tables: Table) -> str:
    """Return the language of a text that comes without one: the first of the pages."""
    table = tables.get("house")
    languages = table.get("languages") if isinstance(table, dict) else None
    first = languages[0] if isinstance(languages, list) and languages else SOURCE
    return find_language(first) or SOURCE


def _toml_value(text: str) -> object:
    try:
        tables = tomllib.loads(f"value = {text.strip()}")
    except (ValueError, RecursionError):
        return None
    # Text of several lines can be a whole document.
    return tables["value"] if tables.keys() == {"value"} else None


def _advice(name: str) -> str:
    for key in FILE_ONLY:
        if name.startswith(f"{PREFIX}{key.upper()}"):
            return f"{key} can be set in the configuration file only"
    near = difflib.get_close_matches(name, [*VARIABLES, *OF_OPTIONS], n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}each is {PREFIX}, the table and the key, such as SOTTOVOCE_HOUSE_TITLE"
