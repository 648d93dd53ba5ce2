"""The numbers of a text, with the groups in which they are written.

    text    call 5 times: +98 (912) 000-00 00 on 2024-05-01
    runs         5        98  912  000  00 00            dates are taken out

A run may contain more than one number, or a number and its neighbour. So each sequence of up to
`MAX_GROUPS` groups is offered, the longest first. How many are looked at is limited: a text that
consists of numbers is not worth more time, and whoever writes one to avoid the question avoids only
their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .words import AMOUNT

MAX_RUNS = 10
"""Runs of digits of one text that are looked at."""

MAX_STARTS = 4
"""Groups of one run at which a number may begin."""

MAX_GROUPS = 7
"""Groups of one number: an international number in pairs of digits has six or seven."""

MIN_DIGITS, MAX_DIGITS = 7, 24

_DATE = re.compile(
    r"(?<!\d)(?<!\d[-/.])(?:[12]\d{3}([-/.])[01]?\d\1[0-3]?\d|[0-3]?\d([-/.])[0-3]?\d\2(?:[12]\d{3}|\d{2}))"
    r"(?!\d)(?![-/.]\d)"
)
_RUN = re.compile(r"(?<![a-z0-9_])[+(]{0,2}+\d(?:[ .()/-]{0,3}+\d)*+(?![a-z_])")
_GROUP = re.compile(r"\d+")
_NO_NUMBER_BEFORE = re.compile(
    r"(?:isbn[\w-]*+[ :]*+|[#$€£№¥]\s?|\bv\.?\s?|version\s|ver\.\s?)\(?\Z"
)
_AMOUNT_AFTER = re.compile(rf"\s{{0,2}}+(?:{AMOUNT})")

BEFORE_CHARS = 30
"""Characters in front of a number in which a word says what it is."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text."""

    start: int
    end: int
    groups: tuple[str, ...]
    has_plus: bool
    before: str
    """Up to `BEFORE_CHARS` characters in front of it, without a line end."""

    @property
    def digits(self) -> str:
        """All digits, without what separates them."""
        return "".join(self.groups)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the groups."""
        return tuple(map(len, self.groups))


def without_dates(text: str) -> str:
    """Return a folded text with line ends in the place of dates; as long as before."""
    return _DATE.sub(lambda date: "\n" * len(date[0]), text)


def numbers_in(text: str) -> Iterator[Number]:
    """Yield the numbers of a folded text without dates: `MIN_DIGITS` to `MAX_DIGITS` digits.

    Sequences that overlap are all yielded, the longer one of two with one start first.
    """
    for looked_at, run in enumerate(_RUN.finditer(text)):
        if looked_at == MAX_RUNS:
            return
        before = text[max(0, run.start() - BEFORE_CHARS) : run.start()].rpartition("\n")[2]
        if len(run[0]) < MIN_DIGITS or _NO_NUMBER_BEFORE.search(before):
            continue
        if _AMOUNT_AFTER.match(text, run.end()):
            continue
        yield from _sequences(text, run, before)


def _sequences(text: str, run: re.Match[str], before: str) -> Iterator[Number]:
    groups = list(_GROUP.finditer(text, run.start(), run.end()))
    for first in range(min(MAX_STARTS, len(groups))):
        for stop in range(min(first + MAX_GROUPS, len(groups)), first, -1):
            chosen = tuple(group[0] for group in groups[first:stop])
            if MIN_DIGITS <= sum(map(len, chosen)) <= MAX_DIGITS:
                start, end = groups[first].start(), groups[stop - 1].end()
                has_plus = "+" in text[max(run.start(), start - 2) : start]
                yield Number(start, end, chosen, has_plus, before)
