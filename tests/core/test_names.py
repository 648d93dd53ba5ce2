"""Names are two words from lists that are large, plain and without doubles."""

from __future__ import annotations

import pytest

from server.core.names import draw_name
from server.core.words import FIRST, SECOND


def test_lists_have_the_size_that_was_counted_on() -> None:
    assert len(FIRST) >= 230
    assert len(SECOND) >= 230
    assert len(FIRST) * len(SECOND) >= 50_000


@pytest.mark.parametrize("words", [FIRST, SECOND], ids=["first", "second"])
def test_list_has_no_double_and_each_word_is_short_ascii(words: tuple[str, ...]) -> None:
    assert len(set(words)) == len(words)
    assert all(w.isascii() and w.isalpha() and w.istitle() and len(w) <= 12 for w in words)


def test_no_word_stands_in_both_lists() -> None:
    assert not set(FIRST) & set(SECOND)


def test_name_is_a_word_of_each_list() -> None:
    for _ in range(100):
        first, second = draw_name().split(" ")
        assert first in FIRST
        assert second in SECOND


def test_names_of_one_conversation_share_no_word() -> None:
    names: list[str] = []
    for _ in range(200):
        names.append(draw_name(names))
    words = [word for name in names for word in name.split()]
    assert len(set(words)) == len(words)


def test_names_are_new_every_time() -> None:
    assert len({draw_name() for _ in range(200)}) > 150
