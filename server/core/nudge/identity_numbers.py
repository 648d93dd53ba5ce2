"""Numbers of identity documents.

    Iran        ten digits with a check digit, where they are not also a telephone number's
    China       seventeen digits with a date of birth, and a check digit or X
    Myanmar     12/MaBaTa(N)123456, in Latin or Burmese letters
    USA         123-45-6789
    any         six to twenty digits, maybe after two letters, if a word in front says so

Source: persian-tools and python-stdnum for the check digits; the form from Myanmar as employers
there ask for it (qhrm.io, "National Registration Card").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .check_digits import is_chinese_identity, is_iranian_identity
from .kind import Span
from .numbers import Number, numbers_in, without_dates
from .phones import is_national
from .words import IDENTITY

_CHINESE = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dx](?![a-z\d])")
_BURMESE = re.compile(
    r"(?<!\d)\d{1,2}/(?:[a-z]{3,12}|[\u1000-\u109f]{3,16})\s?\([^\n()]{1,10}\)\s?\d{6}(?!\d)"
)
_AMERICAN = re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_CALLED = re.compile(rf"{IDENTITY}[^\d\n]{{0,20}}?([a-z]{{0,2}}\d(?:[ -]?\d){{5,19}}+)(?!\d)")
_IRANIAN_SHAPES = {(10,), (3, 6, 1)}


def find_identity_numbers(text: str) -> Iterator[Span]:
    """Yield the identity numbers of a folded text."""
    text = without_dates(text)
    for pattern in (_BURMESE, _AMERICAN, _CALLED):
        for found in pattern.finditer(text):
            yield found.span()
    for found in _CHINESE.finditer(text):
        if is_chinese_identity(found[0]):
            yield found.span()
    for number in numbers_in(text):
        if _is_iranian(number):
            yield number.start, number.end


def _is_iranian(number: Number) -> bool:
    if number.shape not in _IRANIAN_SHAPES or number.has_plus or is_national(number):
        return False
    return is_iranian_identity(number.digits)
