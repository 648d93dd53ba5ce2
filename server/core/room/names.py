"""Names of two words: new in every conversation, stable inside it, about nobody.

A name is a pair of places in the two lists, not a text: another language brings two lists of its
own, of the same length, and its own order of the words.

Two names of one conversation must not be taken for one another. So they share no word, and no
two words of theirs are *alike*, in whichever place of the name they stand. Words are alike when
they begin with the same four letters, or become the same word when each loses one letter at most
(so at an edit distance of one, or with two neighbours swapped), as written or as they look
quickly read: `rn` like `m`, `vv` like `w`, `cl` like `d`, `i` like `l`.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from server.core.words import FIRST, SECOND

PAIRS = len(FIRST) * len(SECOND)

TRIES = 256
"""Draws for one word before the strict rule is given up.

With 500 names in use four words in ten are left: so many draws fail once in 10^50. With 1,000 it
is one word in ten; with 1,200 hardly any, and the weaker rule comes in.
"""

_LOOK_ALIKE = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("i", "l"))


@dataclass(frozen=True, slots=True)
class NameWords:
    """The words of names in one language, as they are shown.

    Raises:
        ValueError: if a list is not as long as the English one.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    form: str = "{first} {second}"
    """The order of the two words, for `str.format`."""

    def __post_init__(self) -> None:
        if (len(self.first), len(self.second)) != (len(FIRST), len(SECOND)):
            raise ValueError("names are translated by place: the lists must be of one length")


ENGLISH = NameWords(
    tuple(word.capitalize() for word in FIRST), tuple(word.capitalize() for word in SECOND)
)


@dataclass(frozen=True, slots=True)
class Name:
    """What one member is called in one conversation."""

    first: int
    """Place in the first list."""

    second: int
    """Place in the second list."""

    def render(self, words: NameWords = ENGLISH) -> str:
        """Write the name in the language of `words`."""
        return words.form.format(first=words.first[self.first], second=words.second[self.second])

    def __str__(self) -> str:
        return self.render()


def draw_name(taken: Collection[Name] = ()) -> Name:
    """Draw a name that cannot be mistaken for one of those `taken` in the conversation.

    The words come from the operating system's generator, so a name says nothing about the one
    before. In a conversation too large for the rule, the name is only another one.

    Raises:
        ValueError: if every pair of words is taken.
    """
    used = {place for name in taken for place in (name.first, len(FIRST) + name.second)}
    first = _draw_place(0, len(FIRST), used)
    if first is not None:
        used.add(first)
        second = _draw_place(len(FIRST), len(SECOND), used)
        if second is not None:
            return Name(first, second - len(FIRST))
    return _draw_other(frozenset(taken))


def _draw_place(start: int, count: int, used: set[int]) -> int | None:
    for _ in range(TRIES):
        place = start + secrets.randbelow(count)
        if _ALIKE[place].isdisjoint(used):
            return place
    return None


def _draw_other(taken: frozenset[Name]) -> Name:
    drawn = secrets.randbelow(PAIRS)
    for step in range(PAIRS):
        name = Name(*divmod((drawn + step) % PAIRS, len(SECOND)))
        if name not in taken:
            return name
    raise ValueError("every name is taken")


def _marks(word: str) -> set[str]:
    """What a word is alike by: words that share a mark are alike."""
    look = word
    for seen, read in _LOOK_ALIKE:
        look = look.replace(seen, read)
    shorter = {text[:i] + text[i + 1 :] for text in (word, look) for i in range(len(text))}
    return {word, look, word[:4] + "*"} | shorter


def _alike_places(words: Sequence[str]) -> tuple[frozenset[int], ...]:
    """For each word the places of all that are alike, its own among them."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    marks = [_marks(word) for word in words]
    for place, found in enumerate(marks):
        for mark in found:
            places[mark].append(place)
    return tuple(frozenset(place for mark in found for place in places[mark]) for found in marks)


_ALIKE = _alike_places(FIRST + SECOND)
"""Places in both lists, one after the other: computed once, so that a draw compares numbers."""
