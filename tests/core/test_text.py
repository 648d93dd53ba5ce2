"""Cleaning removes whatever hides or disguises text, and keeps everything that scripts need."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import MessageEmptyError, MessageTooLongError, TitleUnfitError
from server.core.limits import MAX_MESSAGE_BYTES, MAX_MESSAGE_CHARS
from server.core.text import clean, clean_message, clean_title


def test_text_is_composed() -> None:
    assert clean("e\u0301") == "\u00e9"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_becomes_lf(end: str) -> None:
    assert clean(f"one{end}two") == "one\ntwo"


def test_tab_becomes_a_space_and_ends_are_stripped() -> None:
    assert clean(" \n\ta\tb \n") == "a b"


@pytest.mark.checklist(16)
@pytest.mark.parametrize(
    "char",
    [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"],
    ids=ascii,
)
def test_character_that_reorders_text_is_removed(char: str) -> None:
    assert clean(f"a{char}b") == "ab"


@pytest.mark.checklist(16)
@pytest.mark.parametrize(
    "char",
    [*"\u200b\u2060\ufeff\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0\u2061\ufff9"],
    ids=ascii,
)
def test_invisible_character_is_removed(char: str) -> None:
    assert clean(f"a{char}b") == "ab"


@pytest.mark.checklist(16)
@pytest.mark.parametrize("char", [*"\x00\x01\x1b\x7f\x9f\ue000\ufffe\uffff\ufdd0"], ids=ascii)
def test_control_private_and_noncharacters_are_removed(char: str) -> None:
    assert clean(f"a{char}b") == "ab"


def test_lone_surrogate_is_removed() -> None:
    assert clean("a\ud800b") == "ab"


@pytest.mark.checklist(16)
@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",  # noqa: RUF001 the Persian word it looks like
        "क्\u200dष",
        "👩\u200d👩\u200d👧\u200d👦",
        "🏳\ufe0f\u200d🌈",
        "👍🏽",
        "1\ufe0f\u20e3",
        "🇺🇦🇮🇷",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "שָׁלוֹם",
        "ไทย",
        "မြန်မာ",
        "한국어",
        "🫱🏻\u200d🫲🏿",
        "\u0600\u0661",
    ],
)
def test_parts_of_scripts_and_emoji_are_kept(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


def test_tag_characters_are_kept_only_in_a_flag() -> None:
    hidden = "".join(chr(0xE0000 + ord(char)) for char in "hidden")
    assert clean(f"a{hidden}b") == "ab"
    assert clean(f"\U0001f3f4 {hidden}") == "\U0001f3f4"


@pytest.mark.parametrize(
    "text",
    ["", " \n", "\u200b", "\u200c\u200d", "\u202e", "\u3164", "\u00a0\u2003", "\u0301", "\ufe0f"],
    ids=ascii,
)
def test_invisible_message_is_empty(text: str) -> None:
    with pytest.raises(MessageEmptyError):
        clean_message(text)


@pytest.mark.parametrize(
    "text",
    ["a" * MAX_MESSAGE_CHARS, "\u1000" * MAX_MESSAGE_CHARS, "😀" * (MAX_MESSAGE_BYTES // 4)],
    ids=["latin", "burmese", "emoji"],
)
def test_longest_message_passes_and_one_more_is_too_long(text: str) -> None:
    assert clean_message(text) == text
    with pytest.raises(MessageTooLongError):
        clean_message(text + text[0])


def test_burmese_reaches_both_limits_at_once() -> None:
    assert len(("\u1000" * MAX_MESSAGE_CHARS).encode()) == MAX_MESSAGE_BYTES


def test_length_is_counted_after_cleaning() -> None:
    assert (
        clean_message("a" * MAX_MESSAGE_CHARS + "\u200b" * 100 + " \n") == "a" * MAX_MESSAGE_CHARS
    )


@given(st.text())
def test_cleaning_is_idempotent(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.checklist(16)
@given(st.text())
def test_no_hiding_or_reordering_character_is_left(text: str) -> None:
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    bidi = {unicodedata.bidirectional(char) for char in cleaned}
    assert not bidi & {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert all(char == "\n" or unicodedata.category(char) != "Cc" for char in cleaned)
    cleaned.encode()


@pytest.mark.parametrize(
    ("raw", "title"),
    [("  a\tb\n c ", "a b c"), ("\u202ex\u202c", "x"), ("e\u0301" * 60, "é" * 60)],
)
def test_title_is_one_clean_line(raw: str, title: str) -> None:
    assert clean_title(raw) == title


@pytest.mark.parametrize("raw", ["", "\n", "\u200d", "\u3164", "x" * 61])
def test_empty_or_too_long_title_is_refused(raw: str) -> None:
    with pytest.raises(TitleUnfitError):
        clean_title(raw)
