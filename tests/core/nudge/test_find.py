"""What leads to a person is found in six languages, and what people write otherwise is let pass.

The figures are those of the corpus beside this file; `python -m bench.nudge` prints them.
"""

from __future__ import annotations

import pytest

from server.core.limits import MAX_MESSAGE_CHARS
from server.core.nudge import numbers
from server.core.nudge.find import find_personal
from server.core.nudge.kind import PersonalKind

from .corpus import harmless_lines, personal_lines, question_score, score_of

LANGUAGES = {"en", "fa", "ar", "my", "ru", "zh"}
FLOOR = {
    PersonalKind.PHONE: 0.9,
    PersonalKind.EMAIL: 0.9,
    PersonalKind.STREET: 0.7,
    PersonalKind.CARD: 0.95,
    PersonalKind.IDENTITY: 0.85,
    PersonalKind.HANDLE: 0.85,
    PersonalKind.WEB: 0.9,
}
"""The share of the lines of a kind that is found at least."""

MOST_BOTHERED = 0.01
"""The share of harmless lines about which somebody is asked at most."""


@pytest.mark.parametrize("kind", PersonalKind)
def test_most_of_each_kind_is_found_and_little_else(kind: PersonalKind) -> None:
    score = score_of(kind)
    assert score.recall >= FLOOR[kind]
    assert score.precision >= 0.95


def test_hardly_anybody_is_asked_for_nothing() -> None:
    assert question_score().wrong <= MOST_BOTHERED * len(harmless_lines())


def test_corpus_has_every_language_and_kind() -> None:
    assert {line.language for line in harmless_lines()} == LANGUAGES
    assert len(harmless_lines()) >= 300
    assert len(personal_lines()) >= 150
    named = {(line.language, line.kind) for line in personal_lines()}
    assert named == {(language, kind) for language in LANGUAGES for kind in PersonalKind}


@pytest.mark.parametrize("zero", ["0", "\u06f0", "\u0660", "\u1040", "\uff10"], ids=ascii)
def test_digits_of_every_script_are_read(zero: str) -> None:
    text = "".join(chr(ord(zero) + int(digit)) for digit in "09120000012")
    assert find_personal(text) == (PersonalKind.PHONE,)


@pytest.mark.parametrize("changed", ["4111 1111 1111 1112", "DE89370400440532013001"])
def test_wrong_check_digit_is_no_card(changed: str) -> None:
    assert PersonalKind.CARD not in find_personal(changed)


def test_name_of_this_server_is_no_handle() -> None:
    assert find_personal("@Quiet Heron hello") == ()
    assert find_personal("@quietheron hello") == (PersonalKind.HANDLE,)


def test_every_kind_of_one_text_is_named_once() -> None:
    text = "name@example.com or @shadyfox, 09120000012 and 09120000034"
    assert find_personal(text) == (PersonalKind.EMAIL, PersonalKind.HANDLE, PersonalKind.PHONE)


def test_work_on_a_text_of_numbers_is_limited() -> None:
    most = numbers.MAX_RUNS * numbers.MAX_STARTS * numbers.MAX_GROUPS
    for unit in ("1 ", "01 1 ", "0 , ", "12345678, "):
        text = (unit * MAX_MESSAGE_CHARS)[:MAX_MESSAGE_CHARS]
        assert len(list(numbers.numbers_in(text))) <= most
