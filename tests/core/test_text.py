"""Cleaning removes whatever hides or disguises text, and keeps everything that scripts need."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import (
    MessageEmptyError,
    MessageTooLongError,
    TitleUnfitError,
    TooManyLinesError,
)
from server.core.limits import (
    MAX_BODY_BYTES,
    MAX_LINE_ENDS,
    MAX_MARKS,
    MAX_MESSAGE_BYTES,
    MAX_MESSAGE_CHARS,
    MAX_RAW_TITLE_CHARS,
)
from server.core.text import clean, clean_message, clean_title
from server.doctor.ordering import worst_run
from tests.worst_text import WORST, NormalizeCalls


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


WORDS = {
    "arabic": "ٱلْحَمْدُ لِلَّٰهِ رَبِّ ٱلْعَٰلَمِينَ",
    "bengali": "প্রাতঃকৃত্য স্ত্রৈণ ঐশ্বর্য",
    "burmese": "ကျွန်ုပ်တို့သည် မြွှောင့်ယောက်ျားလျှောက်ဩဇာ သြော် ဏ္ဍဍ္ဎ",
    "cherokee": "Ꮳꮃꭹ",
    "devanagari": "र्त्स्न्य कार्त्स्न्य ह्रौँ",
    "greek": "ᾷ ᾟ ΐ",
    "hebrew": "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים יְרוּשָׁלִַ֔ם",
    "khmer": "ស្ត្រី កន្ត្រៃ ញ៉ាំ",
    "korean": "꿿 뷁 한국어",
    "lao": "ເຈົ້າ ຢູ່",
    "malayalam": "സ്ത്രീ ക്ഷ്മ",
    "persian": "می\u200cخواهم نمی\u200cدانم",  # noqa: RUF001 the Persian words they look like
    "sinhala": "ක්\u200dෂණය ශ්\u200dරී",
    "tamil": "ஸ்ரீ க்ஷ்மௌ",
    "thai": "น้ำผึ้ง ปิ่นโต เสื้อ กตัญญู",
    "tibetan": "ཧྐྵྨླྺྼྻྂ བསྒྲུབས ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ",
    "vietnamese": "Nguyễn Phượng ữ ặ ỹ ễ nghiễm nhiên",
    "yoruba": "Ọ̀rúnmìlà ẹ̀bẹ̀",
}
"""Words with many marks on one letter; of Tibetan, the syllable of the Kalachakra."""


@pytest.mark.parametrize("script", WORDS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_words_with_many_marks_are_kept(script: str, form: str) -> None:
    typed = unicodedata.normalize(form, WORDS[script])  # type: ignore[arg-type]
    assert clean(typed) == unicodedata.normalize("NFC", WORDS[script])


@pytest.mark.checklist(16)
@pytest.mark.parametrize("mark", ["\u0301", "\u0e47", "\u0489", "\u094d", "\u200d"], ids=ascii)
def test_ninth_mark_on_a_letter_is_dropped(mark: str) -> None:
    assert clean("b" + mark * 8) == "b" + mark * 8
    for count in (9, 30, 31, 4_000):
        assert clean(f"b{mark * count}c") == f"b{mark * MAX_MARKS}c"


@pytest.mark.checklist(16)
@given(
    st.text(alphabet=st.sampled_from("ae\u0301\u0316\u0344\u0f73\u0958\u0345\u0e47\u200d\u200b\n"))
)
def test_no_letter_has_more_marks_than_it_may(text: str) -> None:
    cleaned, run = clean(text), 0
    for char in cleaned:
        is_mark = char == "\u200d" or unicodedata.category(char)[0] == "M"
        run = run + 1 if is_mark else 0
        assert run <= MAX_MARKS
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)


@pytest.mark.checklist(46)
@pytest.mark.parametrize("name", WORST)
def test_no_long_run_is_normalised(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = NormalizeCalls(monkeypatch)
    clean(WORST[name])
    assert calls.characters <= MAX_BODY_BYTES
    assert calls.longest_run <= 30


@pytest.mark.checklist(46)
def test_two_modules_of_the_web_process_normalise() -> None:
    server = Path(__file__).parents[2] / "server"
    found = {
        str(file.relative_to(server))
        for file in server.rglob("*.py")
        # These belong to the supervisor.
        if not {"first_start", "supervisor"} & set(file.parts)
        if "unicodedata" in file.read_text(encoding="utf-8")
    }
    assert found == {"core/text.py", "core/invite_code.py", "doctor/ordering.py"}


@pytest.mark.checklist(46)
def test_hidden_characters_do_not_divide_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = NormalizeCalls(monkeypatch)
    run = worst_run(25)
    assert len(run) == 25
    clean("a" + "\u034f".join([run] * 40))
    assert 0 < calls.longest_run <= 30


@pytest.mark.checklist(46)
def test_text_that_no_form_can_hold_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = NormalizeCalls(monkeypatch)
    with pytest.raises(MessageTooLongError):
        clean_message("\u0301" * (MAX_BODY_BYTES + 1))
    with pytest.raises(TitleUnfitError):
        clean_title("\u0301" * (MAX_RAW_TITLE_CHARS + 1))
    assert calls.characters == 0


@pytest.mark.slow  # a million characters
@pytest.mark.checklist(16)
def test_tables_agree_with_the_categories_of_every_character() -> None:
    """The patterns are made from planes 0 and 1; this is the rule, applied to all planes."""
    kept = set(clean("x".join(map(chr, range(0x110000)))))
    for code in range(0x110000):
        char, category = chr(code), unicodedata.category(chr(code))
        if category in {"Co", "Cs"} or code & 0xFFFE == 0xFFFE or 0xE0000 <= code <= 0xE0FFF:
            assert char not in kept
        elif code > 0x1FFFF:
            assert (category[0] == "M", unicodedata.combining(char)) == (False, 0)
            assert unicodedata.normalize("NFC", char) in kept


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\n\n\nb", "a\n\nb"),
        ("a\n \r\n\t\n\u2003\n\u200b\nb", "a\n\nb"),
        ("a\nb\n\nc", "a\nb\n\nc"),
        ("\n\n  a\n\n", "a"),
        ("a" + "\n" * 8_000 + "b", "a\n\nb"),
    ],
    ids=ascii,
)
def test_runs_of_empty_lines_become_one(raw: str, text: str) -> None:
    assert clean_message(raw) == text
    assert clean_message(text) == text


def test_message_has_at_most_forty_line_ends() -> None:
    fine = "\n".join("x" * (MAX_LINE_ENDS + 1))
    assert clean_message(f"{fine}\n\n") == fine
    with pytest.raises(TooManyLinesError):
        clean_message(f"{fine}\nx")


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
