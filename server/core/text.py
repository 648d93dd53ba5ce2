"""Cleans the text that visitors type, so that a message cannot hide or disguise its content.

Kept: letters of every script, combining marks, complete emoji (with ZWJ, variation selectors, and
the tag characters of a flag), ZWJ and ZWNJ, without which Persian and the Indic scripts cannot be
written. Removed: control characters, everything that reorders or hides text (bidi embeddings,
overrides and isolates, directional marks), and other zero-width and default-ignorable characters.
The page isolates every message (`dir=auto`) and every name (`<bdi>`), so nobody needs the marks.

The order of the steps is a limit on work: until the summer of 2026, Python sorted a run of
non-starters in time that is quadratic in its length, 120 to 210 ms for 16 KiB of them. So:

    raw length   nothing that is longer than a form can be is looked at
    hidden       characters that do not stay are removed: what they divided may be one run
    runs         a run of more than 30 non-starters is cut, as in the Stream-Safe Text Format
    NFC          each run now takes bounded time, so the whole is linear
    marks        of the marks on one letter, those after the eighth are dropped

The marks are counted after NFC, so that a text in NFD keeps what the same text in NFC keeps. The
Stream-Safe format inserts a grapheme joiner instead of cutting. That would be a hidden character.

Source: Unicode Standard Annex 9 (bidi), Annex 15 (NFC, section 13: Stream-Safe Text Format),
Technical Report 36 (confusables); UTS 51 for emoji tag sequences; CPython, `nfd_nfkd` in
Modules/unicodedata.c.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from .errors import MessageEmptyError, MessageTooLongError, TitleUnfitError, TooManyLinesError
from .limits import (
    MAX_BODY_BYTES,
    MAX_LINE_ENDS,
    MAX_MARKS,
    MAX_MESSAGE_BYTES,
    MAX_MESSAGE_CHARS,
    MAX_NON_STARTERS,
    MAX_RAW_TITLE_CHARS,
    MAX_TITLE_CHARS,
)

ZWNJ, ZWJ = "\u200c", "\u200d"

# Every pattern below begins with a bracket expression that is not repeated: only then does `re`
# skip what cannot be its beginning without trying it.
_LINE_ENDS = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")
_TAGS = re.compile("[\U000e0020-\U000e007f][\U000e0020-\U000e007f]*")
_BLACK_FLAG = "\U0001f3f4"

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

_MUST_GO = frozenset({"Cc", "Cf", "Cs", "Co"})
_COMBINING = frozenset({"Mn", "Mc", "Me"})

_CATEGORIES = {
    chr(code): category
    for code in range(0x20000)
    if (category := unicodedata.category(chr(code))) in _MUST_GO | _COMBINING
}
"""Characters of planes 0 and 1. In the other planes those of one block are treated alike, except
in plane 14; a test compares all of them."""

_NONCHARACTERS = {chr(code) for code in range(0xFDD0, 0xFDF0)}
_NONCHARACTERS |= {chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)}

_DEFAULT_IGNORABLE = "\U000e0000-\U000e001f\U000e0080-\U000e0fff"
"""Of plane 14, assigned or not; without the tags, of which `clean` leaves those of a flag."""

_PRIVATE = "\U000f0000-\U0010ffff"


def _ranges(chars: Iterable[str]) -> str:
    """Return characters, which are in ascending order, as the inside of a bracket expression."""
    ranges: list[list[str]] = []
    for char in chars:
        if ranges and ord(char) == ord(ranges[-1][1]) + 1:
            ranges[-1][1] = char
        else:
            ranges.append([char, char])
    return "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in ranges)


def _cut_after(most: int, chars: str) -> re.Pattern[str]:
    """Match a run of more than `most` of these characters; group 1 is what stays.

    In a shorter run each character is tried as the first one: at most `most` steps for each.
    """
    return re.compile(f"([{chars}][{chars}]{{{most - 1}}})[{chars}]+")


_MARKS = [char for char, category in _CATEGORIES.items() if category in _COMBINING]
_NONSPACING = [char for char in _MARKS if _CATEGORIES[char] == "Mn"]
_TO_REMOVE = {char for char, category in _CATEGORIES.items() if category in _MUST_GO}
_TO_REMOVE |= _INVISIBLE | _NONCHARACTERS
_TO_REMOVE -= _VISIBLE_FORMAT | {"\n", ZWNJ, ZWJ}

_HIDDEN = re.compile(f"[{_ranges(sorted(_TO_REMOVE))}{_DEFAULT_IGNORABLE}{_PRIVATE}]")
_LONG_RUN = _cut_after(MAX_NON_STARTERS, _ranges(filter(unicodedata.combining, _MARKS)))
_EXCESS_MARKS = _cut_after(MAX_MARKS, _ranges(_MARKS) + ZWNJ + ZWJ)
_VISIBLE = re.compile(f"[^\\s{ZWNJ}{ZWJ}{_ranges(_NONSPACING)}]")


def cut_long_runs(text: str) -> str:
    """Cut each run of more than `MAX_NON_STARTERS` non-starters, which no script has.

    To be called before anything is normalised; see the head of this file.
    """
    return _LONG_RUN.sub(r"\1", text)


def _keep_in_flag(tags: re.Match[str]) -> str:
    """Return tag characters that follow a black flag; nothing of others."""
    return tags[0] if tags.string.startswith(_BLACK_FLAG, max(0, tags.start() - 1)) else ""


def clean(raw: str) -> str:
    """Return `raw` in NFC with LF line ends, spaces for tabs, and no hidden characters.

    A letter keeps `MAX_MARKS` combining marks. Takes time that is linear in the length of `raw`,
    which the caller has limited.
    """
    text = _LINE_ENDS.sub("\n", raw.replace("\r\n", "\n")).replace("\t", " ")
    text = _HIDDEN.sub("", _TAGS.sub(_keep_in_flag, text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", cut_long_runs(text))
        text = _EXCESS_MARKS.sub(r"\1", text)
    return text.strip()


def _join_empty_lines(text: str) -> str:
    """Make each run of lines without anything visible one empty line."""
    kept: list[str] = []
    for line in text.split("\n"):
        if not line.isspace() and line:
            kept.append(line)
        elif kept and kept[-1]:
            kept.append("")
    return "\n".join(kept)


def clean_title(raw: str) -> str:
    """Clean the title of a room into one line.

    Raises:
        TitleUnfitError: if `raw` has more than `MAX_RAW_TITLE_CHARS`, if nothing visible is left,
            or more than `MAX_TITLE_CHARS`.
    """
    if len(raw) > MAX_RAW_TITLE_CHARS:
        raise TitleUnfitError
    title = " ".join(clean(raw).split())
    if not _VISIBLE.search(title) or len(title) > MAX_TITLE_CHARS:
        raise TitleUnfitError
    return title


def clean_message(raw: str) -> str:
    """Clean a message and enforce its limits. Runs of empty lines become one empty line.

    Raises, in this order:
        MessageTooLongError: if `raw` is longer than a form can be, or if more than
            `MAX_MESSAGE_CHARS` or `MAX_MESSAGE_BYTES` are left.
        TooManyLinesError: if more than `MAX_LINE_ENDS` are left.
        MessageEmptyError: if nothing visible is left.
    """
    if len(raw) > MAX_BODY_BYTES:
        raise MessageTooLongError
    text = _join_empty_lines(clean(raw))
    over_chars = max(0, len(text) - MAX_MESSAGE_CHARS)
    over_bytes = max(0, len(text.encode()) - MAX_MESSAGE_BYTES)
    if over_chars or over_bytes:
        raise MessageTooLongError(over_chars, over_bytes)
    over_lines = text.count("\n") - MAX_LINE_ENDS
    if over_lines > 0:
        raise TooManyLinesError(over_lines)
    if not _VISIBLE.search(text):
        raise MessageEmptyError
    return text
