"""Cleans the text that visitors type, so that a message cannot hide or disguise its content.

Kept: letters of every script, combining marks, complete emoji (with ZWJ, variation selectors, and
the tag characters of a flag), ZWJ and ZWNJ, without which Persian and the Indic scripts cannot be
written. Removed: control characters, everything that reorders or hides text (bidi embeddings,
overrides and isolates, directional marks), and other zero-width and default-ignorable characters.
The page isolates every message (`dir=auto`) and every name (`<bdi>`), so nobody needs the marks.

Source: Unicode Standard Annex 9 (bidi), Annex 15 (NFC), Technical Report 36 (confusables);
UTS 51 for emoji tag sequences.
"""

from __future__ import annotations

import re
import unicodedata

from .errors import MessageEmptyError, MessageTooLongError, TitleUnfitError
from .limits import MAX_MESSAGE_BYTES, MAX_MESSAGE_CHARS, MAX_TITLE_CHARS

ZWNJ, ZWJ = "\u200c", "\u200d"

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_FLAG_TAGS = re.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+")

# Default-ignorable characters whose category would let them pass: Hangul and Khmer fillers, the
# combining grapheme joiner, the Mongolian separators; and the Braille blank, which is invisible.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2065\u2800\u3164\uffa0"
    "\ufff0\ufff1\ufff2\ufff3\ufff4\ufff5\ufff6\ufff7\ufff8"
)

# Format characters that are visible in their scripts: Arabic, Syriac, Kaithi.
_VISIBLE_FORMAT = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)


def _may_stay(char: str) -> bool:
    if char in "\n " or char in _VISIBLE_FORMAT or char in (ZWNJ, ZWJ):
        return True
    if char in _INVISIBLE:
        return False
    if "\U000e0020" <= char <= "\U000e007f":
        return True  # `clean` has already removed tag characters outside of a flag
    if "\U000e0000" <= char <= "\U000e0fff":
        return False  # default-ignorable, assigned or not
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"} and not _is_noncharacter(char)


def _is_noncharacter(char: str) -> bool:
    code = ord(char)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def clean(raw: str) -> str:
    """Return `raw` in NFC with LF line ends, spaces for tabs, and no hidden characters."""
    text = _LINE_ENDS.sub("\n", raw).replace("\t", " ")
    text = _FLAG_TAGS.sub("", text)
    text = "".join(char for char in text if _may_stay(char))
    return unicodedata.normalize("NFC", text).strip()


def _can_be_seen(char: str) -> bool:
    return char not in (ZWNJ, ZWJ) and not char.isspace() and unicodedata.category(char) != "Mn"


def clean_title(raw: str) -> str:
    """Clean the title of a room into one line.

    Raises:
        TitleUnfitError: if nothing visible is left, or more than `MAX_TITLE_CHARS`.
    """
    title = " ".join(clean(raw).split())
    if not any(_can_be_seen(char) for char in title) or len(title) > MAX_TITLE_CHARS:
        raise TitleUnfitError
    return title


def clean_message(raw: str) -> str:
    """Clean a message and enforce its limits.

    Raises:
        MessageEmptyError: if nothing visible is left.
        MessageTooLongError: if more than `MAX_MESSAGE_CHARS` or `MAX_MESSAGE_BYTES` are left.
    """
    text = clean(raw)
    if not any(_can_be_seen(char) for char in text):
        raise MessageEmptyError
    if len(text) > MAX_MESSAGE_CHARS or len(text.encode()) > MAX_MESSAGE_BYTES:
        raise MessageTooLongError
    return text
