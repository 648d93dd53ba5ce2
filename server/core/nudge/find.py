"""Looks for words by which somebody can be found, so that they can be asked before they send them.

Each kind has a finder, a function from a folded text to the spans that it found. They run in a
fixed order. What one has found is taken out of the text before the next one looks, so that an
e-mail address is not also a web address.

Rules for a finder:

- It is pure, and takes time that is linear in the length of the text. Its patterns do not go back:
  a repetition is possessive, or short and of fixed length.
- It would rather miss than bother. Nothing depends on it: the question can be answered with one
  press, and a text that is meant to pass can always be written so that it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .cards import find_cards
from .emails import find_emails
from .folding import fold
from .handles import find_handles
from .identity_numbers import find_identity_numbers
from .kind import PersonalKind, Span
from .phones import find_phones
from .streets import find_streets
from .web_addresses import find_web_addresses


@dataclass(frozen=True, slots=True)
class _Finder:
    kind: PersonalKind
    find: Callable[[str], Iterable[Span]]
    needs: re.Pattern[str]
    """A text without it has nothing of the kind: most messages are done with this."""


_FINDERS = (
    _Finder(PersonalKind.EMAIL, find_emails, re.compile(r"@|[\[({ ]at[\])} ]")),
    _Finder(PersonalKind.HANDLE, find_handles, re.compile(r"[@:=_#/\d]|\w\.\w")),
    _Finder(PersonalKind.WEB, find_web_addresses, re.compile(r"://|\w\.\w|[a-z2-7]{55}d")),
    _Finder(PersonalKind.CARD, find_cards, re.compile(r"\d\d")),
    _Finder(PersonalKind.IDENTITY, find_identity_numbers, re.compile(r"\d(?:[ .()/-]{0,3}+\d){5}")),
    _Finder(PersonalKind.PHONE, find_phones, re.compile(r"\d(?:[ .()/-]{0,3}+\d){6}")),
    _Finder(PersonalKind.STREET, find_streets, re.compile(r"\d")),
)


def find_personal(text: str) -> tuple[PersonalKind, ...]:
    """Return the kinds of what `text` seems to contain, each once; empty if there is nothing.

    Args:
        text: a message after cleaning, at most `MAX_MESSAGE_CHARS`.
    """
    folded, kinds = fold(text), []
    for finder in _FINDERS:
        spans = list(finder.find(folded)) if finder.needs.search(folded) else []
        if spans:
            kinds.append(finder.kind)
            folded = _without(folded, spans)
    return tuple(kinds)


def _without(text: str, spans: list[Span]) -> str:
    """Return a text with a line end in the place of each span."""
    pieces, at = [], 0
    for start, end in sorted(spans):
        if start >= at:
            pieces.append(text[at:start])
        at = max(at, end)
    return "\n".join([*pieces, text[at:]])
