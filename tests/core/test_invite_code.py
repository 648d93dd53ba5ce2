"""A code is parsed in every usual spelling, never printed by accident, and stored as a key."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.invite_code import CODE_LENGTH, Code, CodeUse
from server.core.words import CODE_WORDS

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "codes.json").read_text(encoding="utf-8")
)
SERVER_KEY = bytes.fromhex(VECTORS["server_key"])

CODE = Code([0, 1, 10, 7_775])
WORDS = CODE.to_words()
DIGITS = CODE.to_digits()

codes = st.lists(
    st.integers(0, len(CODE_WORDS) - 1), min_size=CODE_LENGTH, max_size=CODE_LENGTH
).map(Code)

every_vector = pytest.mark.parametrize(
    "vector", VECTORS["codes"], ids=lambda vector: vector["words"]
)


def in_script(zero: str, digits: str = DIGITS) -> str:
    """Write the digits in the script whose zero is `zero`."""
    return "".join(chr(ord(zero) + int(char)) if char.isdigit() else char for char in digits)


@every_vector
def test_code_is_written_as_in_the_vectors(vector: dict[str, str]) -> None:
    for written in (vector["words"], vector["digits"]):
        code = Code.parse(written)
        assert code is not None
        assert (code.to_words(), code.to_digits()) == (vector["words"], vector["digits"])


@every_vector
def test_key_matches_the_vectors_of_another_library(vector: dict[str, str]) -> None:
    code = Code.parse(vector["words"])
    assert code is not None
    assert code.key(SERVER_KEY, CodeUse.INVITATION).hex() == vector["invitation"]
    assert code.key(SERVER_KEY, CodeUse.REMATCH).hex() == vector["meet_again"]


@pytest.mark.parametrize("text", VECTORS["refused"])
def test_any_other_text_is_no_code(text: str) -> None:
    assert Code.parse(text) is None


@given(codes)
def test_code_round_trips_in_both_spellings(code: Code) -> None:
    assert Code.parse(code.to_words()) == code
    assert Code.parse(code.to_digits()) == code


def test_code_has_four_ascii_words_and_sixteen_digits() -> None:
    code = Code.new()
    assert re.fullmatch(r"([a-z]{3,9}-){3}[a-z]{3,9}", code.to_words())
    assert re.fullmatch(r"([0-9]{4}-){3}[0-9]{4}", code.to_digits())


@pytest.mark.parametrize(
    "between",
    [" ", "-", ".", "\n", "\r\n", "\t", "_", " - ", " . . ", "\u00a0", "\u3000", "\u2011",
     "\u2013", "\u2014", "\u2212", "\uff0d", "\u2026", "\u3002", "\u200f \u200e", "\u00ad",
     "\u200b", ", ", "\u060c", "/", "\"", " (", ")", "\u00ab", "\u00bb\n", "\u201c", "\u061b",
     "+", "\u2022 ", "\u202f"],
    ids=ascii,
)  # fmt: skip
def test_any_separator_between_words_is_accepted(between: str) -> None:
    for written in (WORDS, DIGITS):
        text = written.replace("-", between)
        assert Code.parse(text) == CODE
        assert Code.parse(f"{between}{text}{between}") == CODE


@pytest.mark.parametrize(
    "around", ["()", "\u00ab\u00bb", "\u201c\u201d", "[]", "\u201e\u201c", "<>"]
)
def test_what_stands_around_a_code_does_not_matter(around: str) -> None:
    for written in (WORDS, DIGITS):
        assert Code.parse(f"{around[0]}{written}{around[1]}.") == CODE


@pytest.mark.parametrize("write", [str.upper, str.title, str.capitalize])
def test_case_of_the_words_does_not_matter(write: Callable[[str], str]) -> None:
    assert Code.parse(write(WORDS)) == CODE


@pytest.mark.checklist(16)
def test_letters_in_another_form_are_the_same_word() -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isalpha() else char for char in WORDS)
    assert Code.parse(wide) == CODE
    turkish = Code([CODE_WORDS.index("identity")] * 4)
    assert Code.parse(turkish.to_words().replace("i", "\u0130")) == turkish


@pytest.mark.parametrize(
    "zero",
    ["\u0660", "\u06f0", "\u0966", "\u09e6", "\u0e50", "\u0f20", "\u1040", "\u17e0", "\uff10"],
    ids=["arabic", "persian", "devanagari", "bengali", "thai", "tibetan", "burmese", "khmer",
         "fullwidth"],
)  # fmt: skip
def test_digits_of_every_script_are_parsed(zero: str) -> None:
    assert Code.parse(in_script(zero)) == CODE


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 16])
def test_digits_may_be_grouped_in_any_way(size: int) -> None:
    digits = DIGITS.replace("-", "")
    groups = [digits[i : i + size] for i in range(0, len(digits), size)]
    assert Code.parse(" ".join(groups)) == CODE


@given(st.text())
def test_no_text_makes_parsing_raise(text: str) -> None:
    code = Code.parse(text)
    assert code is None or Code.parse(code.to_words()) == code


@given(st.lists(st.sampled_from([*CODE_WORDS[:9], "0000", "9999", "x", "²", "\ud800", "-", " "])))
def test_no_mixture_makes_parsing_raise(pieces: list[str]) -> None:
    code = Code.parse(" ".join(pieces))
    assert code is None or Code.parse(code.to_digits()) == code


@pytest.mark.parametrize(
    "indexes", [[], [1, 2, 3], [1, 2, 3, 4, 5], [0, 0, 0, 7_776], [-1, 0, 0, 0]]
)
def test_code_is_four_indexes_into_the_list(indexes: list[int]) -> None:
    with pytest.raises(ValueError, match="four indexes"):
        Code(indexes)


@pytest.mark.checklist(16)
def test_new_codes_are_random() -> None:
    assert len({Code.new().to_words() for _ in range(1_000)}) == 1_000


def test_code_prints_as_stars() -> None:
    for shown in (repr(CODE), str(CODE), f"{CODE}", repr([CODE])):
        assert "***" in shown
        assert "abacus" not in shown
        assert "7775" not in shown


@pytest.mark.checklist(18)
def test_codes_are_equal_by_their_words_and_to_nothing_else() -> None:
    assert copy.copy(CODE) == CODE
    assert Code([0, 1, 10, 7_774]) != CODE
    assert CODE != WORDS


def test_code_is_not_hashable() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(CODE)


def test_key_depends_on_the_code_the_server_and_the_use() -> None:
    keys = {
        code.key(server, use)
        for code in (CODE, Code([1, 0, 10, 7_775]))
        for server in (SERVER_KEY, SERVER_KEY[::-1])
        for use in CodeUse
    }
    assert len(keys) == 12
    assert {len(key) for key in keys} == {32}


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_server_key_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        CODE.key(bytes(size), CodeUse.INVITATION)


def test_every_use_has_its_own_label_that_fits() -> None:
    labels = [use.value for use in CodeUse]
    assert len(set(labels)) == len(labels)
    assert all(0 < len(label) <= 16 for label in labels)
