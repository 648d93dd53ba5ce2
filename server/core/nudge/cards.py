"""Numbers of payment cards, and international account numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from .check_digits import is_iban, is_luhn
from .kind import Span
from .numbers import Number, numbers_in

MIN_CARD, MAX_CARD = 15, 19
"""Digits. Cards of 13 are gone, and most numbers of 13 digits are those of books."""

MIN_ACCOUNT, MAX_ACCOUNT = 15, 34
"""Characters of an IBAN."""

MAX_BEGINS = 5
"""Places of one text at which an IBAN may begin: each is tried with every end."""

_BOOK = ("978", "979")
_IBAN_BEGIN = re.compile(r"(?<![a-z0-9])[a-z]{2}\d{2}(?=[ -]?[a-z0-9]{4})")
_IBAN_GROUP = re.compile(r"[ -]?[a-z0-9]{1,30}")


def find_cards(text: str) -> Iterator[Span]:
    """Yield the cards and accounts of a folded text."""
    for number in numbers_in(text):
        if _is_card(number):
            yield number.start, number.end
    for begin in islice(_IBAN_BEGIN.finditer(text), MAX_BEGINS):
        end = _end_of_iban(text, begin.start(), begin.end())
        if end:
            yield begin.start(), end


def _is_card(number: Number) -> bool:
    digits, shape = number.digits, number.shape
    if not MIN_CARD <= len(digits) <= MAX_CARD or digits[0] in "01" or digits.startswith(_BOOK):
        return False
    in_groups = len(shape) == 1 or shape[:3] == (4, 4, 4) or shape == (4, 6, 5)
    return in_groups and len(set(digits)) > 1 and is_luhn(digits)


def _end_of_iban(text: str, start: int, end: int) -> int:
    """Return the end of the IBAN that begins there; 0 if there is none.

    Words may follow it without a sign in between. So it may end with any group.
    """
    account = text[start:end]
    while (group := _IBAN_GROUP.match(text, end)) and len(account) < MAX_ACCOUNT:
        account, end = account + group[0].strip(" -"), group.end()
        if MIN_ACCOUNT <= len(account) <= MAX_ACCOUNT and is_iban(account):
            return end
    return 0
