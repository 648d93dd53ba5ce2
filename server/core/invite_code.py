"""Codes of four words that grant access: to a private room, or to a rematch.

A code has two spellings: `dewdrop-abacus-zoom-yodel`, and the indexes of its words as sixteen
digits, for visitors who cannot type the words or understand them when spoken. Four draws from
7,776 words are 51.7 bits: too few against an offline attack, so nothing that is stored allows
one. Only `Code.key` is stored, computed under a key that the store does not have, and online
guesses are rate limited. The key that opens a room's title is another such hash, which is never
stored.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NewType

from .limits import MAX_RAW_CODE_CHARS
from .text import cut_long_runs
from .words import CODE_WORDS

CODE_LENGTH = 4
"""Words in a code."""

DIGITS_PER_WORD = 4
"""Digits for the index of one word, zero-padded."""

SERVER_KEY_BYTES = 32

CodeKey = NewType("CodeKey", bytes)
"""Keyed BLAKE2b-256 of a code for one use: 32 bytes. Reveals nothing without the server key."""

_WORD_INDEX = {word: index for index, word in enumerate(CODE_WORDS)}


class CodeUse(Enum):
    """What a code is used for. Each use has its own label (at most 16 bytes), so a key fits one."""

    INVITATION = b"sottovoce-invite"
    """To join a private room."""

    REMATCH = b"sottovoce-again"
    """To match two visitors who met before."""

    TITLE = b"sottovoce-title"
    """To seal and open the title of the private room. Never stored."""


@dataclass(frozen=True, slots=True)
class InviteKeys:
    """The two keys of an invitation code that the store receives."""

    key: CodeKey
    """Used to look up the room. May be stored."""

    title_key: CodeKey
    """Opens the room's title for a visitor who joins, during the call. Must not be stored."""


class Code:
    """Four words that grant access to everybody who knows them.

    Lives in one request, in a local variable. It prints as stars, compares in constant time, is not
    hashable (look it up by its key), and never enters a URL or an error; the store keeps it sealed
    to the visitor who was issued it, and nothing else of it.
    """

    __slots__ = ("_raw",)

    def __init__(self, indexes: Sequence[int]) -> None:
        if len(indexes) != CODE_LENGTH or not all(0 <= i < len(CODE_WORDS) for i in indexes):
            raise ValueError("a code must be four indexes into the word list")
        self._raw = b"".join(index.to_bytes(2, "big") for index in indexes)

    @classmethod
    def new(cls) -> Code:
        """Draw a code from the operating system's generator."""
        return cls([secrets.randbelow(len(CODE_WORDS)) for _ in range(CODE_LENGTH)])

    @classmethod
    def parse(cls, text: str) -> Code | None:
        """Parse a code as typed by a visitor; anything else is `None`.

        Accepts words in any case or digits of any script. Whatever stands between and around them
        does not matter, unless it is a letter. Digits may be grouped in any way. A text of more
        than `MAX_RAW_CODE_CHARS` is not looked at.
        """
        if len(text) > MAX_RAW_CODE_CHARS:
            return None
        parts = _split(text)
        digits = "".join(parts)
        indexes = _parse_digits(digits) if digits.isdecimal() else _parse_words(parts)
        if indexes is None or len(indexes) != CODE_LENGTH:
            return None
        return cls(indexes)

    @staticmethod
    def is_blank(text: str) -> bool:
        """Whether a text has nothing that could be part of a code; a long one is not read."""
        return len(text) <= MAX_RAW_CODE_CHARS and not any(_is_part(char) for char in text)

    def to_bytes(self) -> bytes:
        """Write the code as bytes, to be sealed: four indexes as big-endian 16-bit numbers."""
        return self._raw

    @classmethod
    def from_bytes(cls, raw: bytes) -> Code:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: if it is not a code.
        """
        return cls([int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)])

    def to_words(self) -> str:
        """Write the code as four words joined by hyphens."""
        return "-".join(CODE_WORDS[index] for index in self._indexes())

    def to_digits(self) -> str:
        """Write the code as sixteen ASCII digits, in groups of four joined by hyphens.

        Hyphens, because a right-to-left page would reverse the order of groups that are separated
        by spaces (Unicode Standard Annex 9).
        """
        return "-".join(f"{index:0{DIGITS_PER_WORD}}" for index in self._indexes())

    def key(self, server_key: bytes, use: CodeUse) -> CodeKey:
        """Compute the key that may be stored instead of the code.

        Args:
            server_key: 32 bytes that the store does not have; changing it changes every code key.
            use: what the code is used for.

        Source:
            BLAKE2 (RFC 7693), keyed, with personalisation, over the four indexes as big-endian
            16-bit numbers. `tests/vectors/codes.json`.
        """
        if len(server_key) != SERVER_KEY_BYTES:
            raise ValueError("a server key must be 32 bytes")
        hashed = hashlib.blake2b(self._raw, digest_size=32, key=server_key, person=use.value)
        return CodeKey(hashed.digest())

    def _indexes(self) -> list[int]:
        return [int.from_bytes(self._raw[i : i + 2], "big") for i in range(0, len(self._raw), 2)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Code) and hmac.compare_digest(self._raw, other._raw)

    def __repr__(self) -> str:
        return "Code(***)"


def _split(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", cut_long_runs(text)).casefold()
    # A Turkish keyboard types a dotted capital I, whose lower case keeps the dot as a mark.
    folded = folded.replace("i\u0307", "i")
    return "".join(char if _is_part(char) else " " for char in folded).split()


def _is_part(char: str) -> bool:
    # A mark belongs to its letter: a word with one is another word.
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _parse_digits(digits: str) -> list[int] | None:
    if len(digits) != CODE_LENGTH * DIGITS_PER_WORD:
        return None
    starts = range(0, len(digits), DIGITS_PER_WORD)
    indexes = [int(digits[start : start + DIGITS_PER_WORD]) for start in starts]
    return indexes if max(indexes) < len(CODE_WORDS) else None


def _parse_words(words: Sequence[str]) -> list[int] | None:
    indexes = [_WORD_INDEX[word] for word in words if word in _WORD_INDEX]
    return indexes if len(indexes) == len(words) else None
