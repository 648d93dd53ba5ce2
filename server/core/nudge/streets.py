"""Street addresses: the name of a street, and a number beside it.

They have no form that could be checked, so what is found here is what is written in the usual
order, and much is missed: a place without a number, a building by its name, a street without its
word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .kind import Span
from .words import (
    BURMESE_NUMBER,
    BURMESE_STREET,
    CHINESE_HOUSE,
    CHINESE_STREET,
    ENGLISH_STREET,
    ENGLISH_STREET_SHORT,
    HOUSE_NUMBER,
    NO_STREET_NAME,
    STREET_BEFORE,
)

_HOUSE = r"\d{1,5}[a-d]?"
_ENGLISH = re.compile(
    rf"(?<![\w.:/-]){_HOUSE},? ((?:[a-z'.-]{{2,20}}+ |\d{{1,3}}(?:st|nd|rd|th) ){{1,2}})"
    rf"(?:(?:{ENGLISH_STREET})(?![\w-])|(?:{ENGLISH_STREET_SHORT})(?=[.,\n]|\Z))"
)
_GERMAN = re.compile(rf"(?:stra(?:ße|sse)\s|\wstr\.\s?){_HOUSE}(?!\w)")
_FRENCH = re.compile(
    rf"(?<![\w.:/-]){_HOUSE},? (?:bis |ter )?(?:rue|avenue|boulevard|impasse) [a-z\u00c0-\u00ff]"
)
_BEFORE = re.compile(
    rf"(?<!\w)(?:{STREET_BEFORE})\s(?P<name>[^\d\n.!?؟،,]{{2,30}}+)(?P<comma>[.,،]?)\s?"
    rf"(?P<house>(?:{HOUSE_NUMBER})?)[\s:№]{{0,3}}+{_HOUSE}(?P<behind>\s?[^\s\d]?[^\s\d]?)"
)
_COUNTED = re.compile(r"\w")
_HOUSE_AT_END = re.compile(rf"(?:{HOUSE_NUMBER})[\s:№]{{0,3}}\Z")
_PLATE = re.compile(
    r"(?<!\w)پلاک\s?[:\s]?\s?\d{1,4}(?!\d)|کد ?پستی[^\n\d]{0,10}+\d{5}-?\d{5}(?!\d)"
)
_CHINESE = re.compile(rf"[\u4e00-\u9fff](?:{CHINESE_STREET})\s?\d{{1,5}}\s?(?:{CHINESE_HOUSE})")
_BURMESE = re.compile(
    rf"(?:{BURMESE_NUMBER})\s?[(\s]{{0,2}}+\d{{1,4}}[^\n\d]{{1,40}}?{BURMESE_STREET}"
)
_SIMPLE = (_GERMAN, _FRENCH, _PLATE, _CHINESE, _BURMESE)


def find_streets(text: str) -> Iterator[Span]:
    """Yield the street addresses of a folded text."""
    for pattern in _SIMPLE:
        for found in pattern.finditer(text):
            yield found.span()
    for found in _ENGLISH.finditer(text):
        if not NO_STREET_NAME.intersection(found[1].split()):
            yield found.span()
    for found in _BEFORE.finditer(text):
        if _is_house(found):
            yield found.span()


def _is_house(found: re.Match[str]) -> bool:
    """Whether the number is that of a house: a word says so, or nothing follows that it counts."""
    if found["house"] or _HOUSE_AT_END.search(found["name"]):
        return True
    return not _COUNTED.search(found["behind"])
