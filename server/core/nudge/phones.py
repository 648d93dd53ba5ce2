"""Telephone numbers, international and national.

National forms are told by their first digits, their length and, where those are not rare enough,
by their groups:

    0 and 9 or 10 digits    Iran, Iraq, Egypt, the Maghreb, Saudi Arabia, Syria, Ukraine, Europe
    0 and 8 digits          Myanmar, 09 only
    8 or 7 and 10 digits    Russia
    1 and 10 digits         China
    10 digits               North America, with or without a 1

Any other number of 7 to 15 digits counts where a word in front of it says that it is one.

Source: the patterns of validator.js (`isMobilePhone`) for ar-DZ, ar-EG, ar-SA, ar-SY, de-DE, en-GB,
en-US, fr-FR, ru-RU and zh-CN, with the groups left open; of an Iranian telephone form (`09` and
nine digits).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .kind import Span
from .numbers import Number, numbers_in, without_dates
from .words import PHONE

MIN_INTERNATIONAL, MAX_INTERNATIONAL = 8, 15
MIN_CALLED, MAX_CALLED = 7, 15
"""Digits of a number that a word calls a telephone number."""

_TRUNK = re.compile(r"0[1-9]\d{8,10}|09\d{7}")
_RUSSIAN = re.compile(r"[78][3489]\d{9}")
_CHINESE = re.compile(r"1[3-9]\d{9}")
_AMERICAN = re.compile(r"1?[2-9]\d{2}[2-9](?!11)\d{6}")
_AMERICAN_SHAPES = {(10,), (11,), (3, 3, 4), (3, 7), (1, 3, 3, 4), (1, 10)}
_CHINESE_SHAPES = {(11,), (3, 4, 4), (3, 8)}
_ROUND = re.compile(r"0{5}\Z")
_CALLED = re.compile(PHONE)


def find_phones(text: str) -> Iterator[Span]:
    """Yield the telephone numbers of a folded text."""
    for number in numbers_in(without_dates(text)):
        if _is_international(number) or is_national(number) or _is_called(number):
            yield number.start, number.end


def is_national(number: Number) -> bool:
    """Whether a number has the national form of one of the countries above."""
    digits = number.digits
    if _TRUNK.fullmatch(digits):
        return number.shape[0] > 1
    if _ROUND.search(digits) and len(number.groups) == 1:
        return False
    if _RUSSIAN.fullmatch(digits):
        return True
    if _CHINESE.fullmatch(digits):
        return number.shape in _CHINESE_SHAPES
    return bool(_AMERICAN.fullmatch(digits)) and number.shape in _AMERICAN_SHAPES


def _is_international(number: Number) -> bool:
    digits = number.digits
    if digits.startswith("00") and number.shape[0] > 1:
        return digits[2] != "0" and 10 <= len(digits) - 2 <= MAX_INTERNATIONAL
    return (
        number.has_plus
        and digits[0] != "0"
        and MIN_INTERNATIONAL <= len(digits) <= MAX_INTERNATIONAL
    )


def _is_called(number: Number) -> bool:
    return MIN_CALLED <= len(number.digits) <= MAX_CALLED and bool(_CALLED.search(number.before))
