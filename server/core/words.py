"""The word lists as tuples: two for names, one for codes.

All words are lower-case ASCII. A word is identified by its index, which is what is stored or shown
as digits. The lists are in `data/`, with their sources. The rules by which the words were chosen
are in `docs/decisions/0011-word-lists.md`.
"""

from __future__ import annotations

from .data import code_words_1, code_words_2, code_words_3, first_words, second_words

FIRST: tuple[str, ...] = tuple(first_words.TEXT.split())
"""2,048 words used as adjectives; none is in `SECOND`."""

SECOND: tuple[str, ...] = tuple(second_words.TEXT.split())
"""2,048 things, plants and animals."""

CODE_WORDS: tuple[str, ...] = tuple(
    f"{code_words_1.TEXT} {code_words_2.TEXT} {code_words_3.TEXT}".split()
)
"""7,776 words, 6^5 as in the EFF's list: 12.9 bits each."""
