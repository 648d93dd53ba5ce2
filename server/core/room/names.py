"""Random names of two words: new in every conversation, constant within it.

A name is a pair of indexes into the two word lists, not a text. A translation brings two lists of
its own, of the same lengths, and its own word order.

Two names of one conversation must not be confused with each other. They share no word, and no two
of their words are *alike*, in either position of the name. Words are alike if they begin with the
same four letters, or become equal when at most one letter is removed from each (an edit distance
of one, or two neighbouring letters swapped). This applies to the words as written and as they look
at a glance: `rn` like `m`, `vv` like `w`, `cl` like `d`, `i` like `l`.
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

With 500 names in use, four words in ten are still allowed, and all draws fail once in 10^50. With
1,000 names it is one word in ten; with 1,200 hardly any, and the weaker rule applies.
"""

_LOOK_ALIKE = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("i", "l"))


@dataclass(frozen=True, slots=True)
class NameWords:
    """The two word lists of one language, as displayed.

    Raises:
        ValueError: if a list is not as long as the English one.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    form: str = "{first} {second}"
    """The order of the two words, for `str.format`."""

    def __post_init__(self) -> None:
        if (len(self.first), len(self.second)) != (len(FIRST), len(SECOND)):
            raise ValueError(
                "names are translated by index: the lists of all languages must have one length"
            )


ENGLISH = NameWords(
    tuple(word.capitalize() for word in FIRST), tuple(word.capitalize() for word in SECOND)
)


@dataclass(frozen=True, slots=True)
class Name:
    """The name of one member in one conversation."""

    first: int
    """Index into the first list."""

    second: int
    """Index into the second list."""

    def render(self, words: NameWords = ENGLISH) -> str:
        """Format the name in the language of `words`."""
        return words.form.format(first=words.first[self.first], second=words.second[self.second])

    def __str__(self) -> str:
        return self.render()


def draw_name(taken: Collection[Name] = ()) -> Name:
    """Draw a name that cannot be confused with any name in `taken`.

    The words come from the operating system's generator, so a name reveals nothing about the one
    before. In a conversation too large for the strict rule, the name is only distinct.

    Raises:
        ValueError: if every pair of words is taken.
    """
    used = {index for name in taken for index in (name.first, len(FIRST) + name.second)}
    first = _draw_word(0, len(FIRST), used)
    if first is not None:
        used.add(first)
        second = _draw_word(len(FIRST), len(SECOND), used)
        if second is not None:
            return Name(first, second - len(FIRST))
    return _draw_distinct(frozenset(taken))


def _draw_word(start: int, count: int, used: set[int]) -> int | None:
    for _ in range(TRIES):
        index = start + secrets.randbelow(count)
        if _ALIKE[index].isdisjoint(used):
            return index
    return None


def _draw_distinct(taken: frozenset[Name]) -> Name:
    drawn = secrets.randbelow(PAIRS)
    for step in range(PAIRS):
        name = Name(*divmod((drawn + step) % PAIRS, len(SECOND)))
        if name not in taken:
            return name
    raise ValueError("every name is taken")


def _similarity_keys(word: str) -> set[str]:
    """Return the keys by which words are compared: words that share a key are alike."""
    lookalike = word
    for written, read in _LOOK_ALIKE:
        lookalike = lookalike.replace(written, read)
    shorter = {text[:i] + text[i + 1 :] for text in (word, lookalike) for i in range(len(text))}
    return {word, lookalike, word[:4] + "*"} | shorter


def _alike_indexes(words: Sequence[str]) -> tuple[frozenset[int], ...]:
    """Return for each word the indexes of all words that are alike, including its own."""
    indexes: defaultdict[str, list[int]] = defaultdict(list)
    keys_of_words = [_similarity_keys(word) for word in words]
    for index, keys in enumerate(keys_of_words):
        for key in keys:
            indexes[key].append(index)
    return tuple(
        frozenset(index for key in keys for index in indexes[key]) for keys in keys_of_words
    )


_ALIKE = _alike_indexes(FIRST + SECOND)
"""Indexes into both lists, one after the other. Computed once, so that a draw compares integers."""
