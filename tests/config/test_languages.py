"""The operator chooses which languages the pages are offered in, and in which order."""

from __future__ import annotations

import pytest

from server.config.load import parse_config
from server.core.errors import OperatorError
from server.locales.language import load_languages, offered_languages


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ()),
        ("[house]\nlanguages = ['fa', 'en']", ("fa", "en")),
        ("[house]\nlanguages = [' FA ']", ("fa",)),
        ("[house]\nlanguages = ['english', 'فارسی']", ("en", "fa")),
    ],
)
def test_languages_are_read_by_code_and_by_their_own_names(
    text: str, codes: tuple[str, ...]
) -> None:
    assert parse_config(text).house.languages == codes


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("'fa'", "house.languages (line 2) is not a list"),
        ("[]", "house.languages (line 2) is not a list"),
        ("{fa = 1}", "house.languages (line 2) is not a list"),
        ("['fa', 'xx']", "house.languages[2] (line 2) is not a language of the pages"),
        ("['fa', '']", "house.languages[2] (line 2) is not a language of the pages"),
        ("[1]", "house.languages[1] (line 2) is not a language of the pages"),
        ("['fa', 'فارسی']", "house.languages[2] (line 2) is named twice"),
    ],
)
def test_wrong_languages_are_refused_at_their_place(value: str, words: str) -> None:
    with pytest.raises(OperatorError) as refused:
        parse_config(f"[house]\nlanguages = {value}")
    assert words in str(refused.value)
    assert "known: en (English), fa (فارسی)" in refused.value.hint or "at least" in (
        refused.value.hint
    )


def test_offered_are_those_in_their_order_and_else_all() -> None:
    assert list(offered_languages(("fa", "en"))) == ["fa", "en"]
    assert list(offered_languages(("fa",))) == ["fa"]
    assert list(offered_languages()) == list(load_languages())
