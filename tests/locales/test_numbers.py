"""A number prints in the digits of its language, and otherwise behaves as an `int`."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from hypothesis import given
from hypothesis import strategies as st

from server.locales.language import Language, load_language
from server.locales.numbers import ZEROS, Number, digits_of
from server.web.render.pages import Pages, TemplateCache

PERSIAN = Language("fa", gettext.NullTranslations())
BURMESE = Language("my", gettext.NullTranslations())
ENGLISH = load_language("en")

numbers = st.integers(-(10**12), 10**12)


@pytest.fixture
def nepali(tmp_path: Path) -> Language:
    """Nepali, with one sentence that has a plural."""
    catalogue = Catalog(locale="ne")
    catalogue.add(("%(num)s day", "%(num)s days"), ("one: %(num)s", "many: %(num)s"))
    folder = tmp_path / "ne" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "chat.po").open("wb") as file:
        write_po(file, catalogue)
    return load_language("ne", tmp_path)


def rendered(language: Language, folder: Path, source: str, **context: object) -> str:
    """Render a template of one line."""
    (folder / "page.html").write_text(source, encoding="utf-8")
    return Pages(language, "/style.css", folder).render("page.html", **context)


def test_every_digit_is_written_in_the_language() -> None:
    assert str(PERSIAN.number(1_234_567_890)) == "۱۲۳۴۵۶۷۸۹۰"
    assert str(BURMESE.number(1_234_567_890)) == "၁၂၃၄၅၆၇၈၉၀"
    assert str(ENGLISH.number(1_234_567_890)) == "1234567890"


@pytest.mark.parametrize(
    ("code", "three"), [("ar-EG", "٣"), ("bn", "৩"), ("ne", "३"), ("de", "3"), ("zh-Hans", "3")]
)
def test_digits_are_those_of_the_locale(code: str, three: str) -> None:
    assert str(Language(code, gettext.NullTranslations()).number(3)) == three


def test_unlisted_numbering_system_uses_ascii_digits() -> None:
    assert digits_of("latn") == digits_of("unknown") == {}
    assert str(Number.of(120, {})) == "120"


@pytest.mark.parametrize("zero", ZEROS.values(), ids=ZEROS.keys())
def test_ten_digits_follow_each_zero(zero: str) -> None:
    assert [int(chr(ord(zero) + value)) for value in range(10)] == list(range(10))


@given(numbers)
def test_number_reads_back_and_mixes_no_digits(value: int) -> None:
    for language in (PERSIAN, BURMESE):
        shown = str(language.number(value))
        assert int(shown) == value
        assert not set(shown) & set("0123456789")
    assert str(ENGLISH.number(value)) == str(value)


@given(numbers)
def test_number_behaves_as_its_int(value: int) -> None:
    number = PERSIAN.number(value)
    assert number == value
    assert hash(number) == hash(value)
    assert (number + 1, number * 2, number > 1) == (value + 1, value * 2, value > 1)
    assert type(number + 1) is int


def test_numbers_of_two_languages_are_independent() -> None:
    persian, burmese = PERSIAN.number(12), BURMESE.number(12)
    assert persian == burmese
    assert (str(persian), str(burmese)) == ("۱۲", "၁၂")


def test_digits_of_the_sentence_itself_are_unchanged() -> None:
    sentence = "2 x %(num)s"
    assert PERSIAN.gettext(sentence) % {"num": PERSIAN.number(45)} == "2 x ۴۵"
    assert ENGLISH.gettext(sentence) % {"num": ENGLISH.number(45)} == "2 x 45"
    assert f"{BURMESE.number(45)}" == "၄၅"


def test_plural_form_follows_the_number(nepali: Language) -> None:
    shown = [
        nepali.ngettext("%(num)s day", "%(num)s days", number) % {"num": number}
        for number in map(nepali.number, (1, 2))
    ]
    assert shown == ["one: १", "many: २"]
    assert [ENGLISH.ngettext("day", "days", ENGLISH.number(n)) for n in (1, 2)] == ["day", "days"]


def test_page_localizes_marked_numbers_and_escapes_text(tmp_path: Path) -> None:
    shown = rendered(PERSIAN, tmp_path, "{{ 45|n }} 45 {{ 45 }} {{ text }}", text="<b>")
    assert shown == "۴۵ 45 45 &lt;b&gt;"
    assert rendered(ENGLISH, tmp_path, "{{ 45|n }}") == "45"


def test_shared_compiled_page_uses_digits_of_each_language(
    tmp_path: Path,
) -> None:
    (tmp_path / "page.html").write_text("{{ 45|n }}", encoding="utf-8")
    compiled = TemplateCache()
    shown = [
        Pages(language, "/style.css", tmp_path, compiled=compiled).render("page.html")
        for language in (ENGLISH, PERSIAN, BURMESE)
    ]
    assert shown == ["45", "۴۵", "၄၅"]


def test_number_is_localized_inside_a_translated_sentence(nepali: Language, tmp_path: Path) -> None:
    days = "{% trans num=count|n %}{{ num }} day{% pluralize num %}{{ num }} days{% endtrans %}"
    assert rendered(nepali, tmp_path, days, count=1) == "one: १"
    assert rendered(nepali, tmp_path, days, count=23) == "many: २३"
    words = "{% trans num=count|n, text=text %}{{ num }}: {{ text }}{% endtrans %}"
    assert rendered(nepali, tmp_path, words, count=23, text="<b>") == "२३: &lt;b&gt;"
