"""E-mail addresses, also written with words for the signs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .kind import Span

_DOMAIN = r"[\w-]++(?:\.[\w-]++)++"
_PLAIN = re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}+@{_DOMAIN}")
_SPELLED = re.compile(
    r"(?<![\w.+-])[\w.+-]{2,64}+\s?(?:[\[({]\s?(?:at|@)\s?[\])}]|\sat\s(?!the\s))\s?[\w-]{2,40}+"
    r"(?:\s?[\[({]\s?(?:dot|\.)\s?[\])}]\s?|\sdot\s|\.)(?:com|net|org|info|ru|ir|cn|me|edu|ch)(?![\w])"
)
"""`name at example dot com`, `name [at] example.com`."""


def find_emails(text: str) -> Iterator[Span]:
    """Yield the e-mail addresses of a folded text."""
    for pattern in (_PLAIN, _SPELLED):
        for found in pattern.finditer(text):
            yield found.span()
