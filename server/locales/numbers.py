"""Whole numbers in the digits of a language."""

from __future__ import annotations

from collections.abc import Mapping

ZEROS: Mapping[str, str] = {
    "arab": "\u0660",
    "arabext": "\u06f0",
    "beng": "\u09e6",
    "deva": "\u0966",
    "mymr": "\u1040",
}
"""Numbering system -> its zero, which the other nine digits follow in Unicode.

A system that is not listed is written in 0 to 9. Source: Unicode CLDR, "numbering systems".
"""


class Number(int):
    """An integer that prints in other digits. Arithmetic and comparison are those of `int`."""

    _table: Mapping[int, str]

    @classmethod
    def of(cls, value: int, table: Mapping[int, str]) -> Number:
        """Make a number that prints with this table from code points to digits."""
        number = cls(value)
        number._table = table
        return number

    def __str__(self) -> str:
        return int.__repr__(self).translate(self._table)


def digits_of(system: str) -> Mapping[int, str]:
    """Return the `str.translate` table of a numbering system; empty for 0 to 9."""
    zero = ZEROS.get(system)
    return {} if zero is None else {ord("0") + n: chr(ord(zero) + n) for n in range(10)}
