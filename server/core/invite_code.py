"""Codes of four words, which let somebody in: into a private room, or to meet again.

One code, two spellings: `dewdrop-abacus-zoom-yodel`, and the words' places as sixteen digits, for
whoever cannot type the words or hear them well. Four draws from 7,776 words are 51.7 bits: too
few against somebody who can try at home, so nothing that is stored can be tried at home. Only
`Code.key` is stored, under a key that the store does not have, and guesses are counted at the
door. What opens the title of a room is another such hash, which is not stored.
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

from .words import CODE_WORDS

CODE_LENGTH = 4
"""Words in a code."""

DIGITS = 4
"""Digits for one word's place, zeros in front."""

SERVER_KEY_BYTES = 32

CodeKey = NewType("CodeKey", bytes)
"""Keyed BLAKE2b-256 of a code for one use: 32 bytes. Without the house's key it says nothing."""

_PLACES = {word: place for place, word in enumerate(CODE_WORDS)}

_BETWEEN = frozenset("\u2212._\u00b7\u30fb\u3002\u06d4\u0964\u104a\u104b")
"""Minus, underscore, and the dots of several scripts; spaces, hyphens and dashes by category."""


class CodeUse(Enum):
    """What a code opens; each has a label of its own (at most 16 bytes), so a key opens one."""

    INVITATION = b"sottovoce-invite"
    """The way into a private room."""

    MEET_AGAIN = b"sottovoce-again"
    """The way of two who met back to one another."""

    TITLE = b"sottovoce-title"
    """What the title is sealed with of the room that it leads into. Never stored."""


@dataclass(frozen=True, slots=True)
class InviteKeys:
    """What a store is told of an invitation's code."""

    key: CodeKey
    """By this it finds the room; it may keep it."""

    title_key: CodeKey
    """With this it opens the room's title, in the call, for whoever comes in. Not to be kept."""


class Code:
    """Four words; whoever knows them may come in.

    Lives in one request, in a local; shown once. It prints as stars, compares in constant time,
    has no hash (look it up by its key), and is never put into a URL, an error or anything stored.
    """

    __slots__ = ("_raw",)

    def __init__(self, places: Sequence[int]) -> None:
        if len(places) != CODE_LENGTH or not all(0 <= p < len(CODE_WORDS) for p in places):
            raise ValueError("a code is four places in the list")
        self._raw = b"".join(place.to_bytes(2, "big") for place in places)

    @classmethod
    def new(cls) -> Code:
        """Draw a code from the operating system's generator."""
        return cls([secrets.randbelow(len(CODE_WORDS)) for _ in range(CODE_LENGTH)])

    @classmethod
    def parse(cls, text: str) -> Code | None:
        """Read a code as people type it; anything else is `None`.

        Words in any case, or digits of any script; between them spaces, line ends, hyphens and
        dots, as many as there are. Digits may be grouped in any way.
        """
        pieces = _pieces(text)
        digits = "".join(pieces)
        places = _read_digits(digits) if digits.isdecimal() else _read_words(pieces)
        if places is None or len(places) != CODE_LENGTH:
            return None
        return cls(places)

    def to_words(self) -> str:
        """Write the code as four words joined by hyphens."""
        return "-".join(CODE_WORDS[place] for place in self._places())

    def to_digits(self) -> str:
        """Write the code as sixteen ASCII digits, in fours joined by hyphens.

        Hyphens, because a page in a script from right to left would turn the order of groups
        that have spaces between them (Unicode Standard Annex 9).
        """
        return "-".join(f"{place:0{DIGITS}}" for place in self._places())

    def key(self, server_key: bytes, use: CodeUse) -> CodeKey:
        """What may be stored of it.

        Args:
            server_key: 32 bytes that the store does not have; another key, other keys of codes.
            use: what the code opens.

        Source:
            BLAKE2 (RFC 7693), keyed, with personalisation, over the four places as two bytes
            each, the higher byte first. `tests/vectors/codes.json`.
        """
        if len(server_key) != SERVER_KEY_BYTES:
            raise ValueError("a server key has 32 bytes")
        hashed = hashlib.blake2b(self._raw, digest_size=32, key=server_key, person=use.value)
        return CodeKey(hashed.digest())

    def _places(self) -> list[int]:
        return [int.from_bytes(self._raw[i : i + 2], "big") for i in range(0, len(self._raw), 2)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Code) and hmac.compare_digest(self._raw, other._raw)

    def __repr__(self) -> str:
        return "Code(***)"


def _pieces(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    # A Turkish keyboard makes a capital i with a dot, whose small form keeps the dot as a mark.
    folded = folded.replace("i\u0307", "i")
    return "".join(" " if _parts(char) else char for char in folded).split()


def _parts(char: str) -> bool:
    """Whether a character stands between words; `Cf` are the unseen ones that come by copying."""
    return char.isspace() or char in _BETWEEN or unicodedata.category(char) in ("Pd", "Cf")


def _read_digits(digits: str) -> list[int] | None:
    if len(digits) != CODE_LENGTH * DIGITS:
        return None
    places = [int(digits[i : i + DIGITS]) for i in range(0, len(digits), DIGITS)]
    return places if max(places) < len(CODE_WORDS) else None


def _read_words(words: Sequence[str]) -> list[int] | None:
    places = [_PLACES[word] for word in words if word in _PLACES]
    return places if len(places) == len(words) else None
