"""A form can be used once, may be sent again unchanged, and never works for another text."""

from __future__ import annotations

import pytest

from server.core.errors import TokenSpentError
from server.core.limits import SPENT_TOKENS
from server.core.room.spent_tokens import ComposerToken, SpentTokens


def spend(spent_tokens: SpentTokens, *numbers: int) -> None:
    for number in numbers:
        spent_tokens.spend(ComposerToken(spent_tokens.posts, f"{number}".encode()), b"tag")


def test_new_form_is_no_repeat() -> None:
    assert not SpentTokens().is_repeat(ComposerToken(0, b"a"), b"tag")


def test_same_form_with_the_same_text_is_a_repeat() -> None:
    spent_tokens = SpentTokens()
    token = ComposerToken(0, b"a")
    spent_tokens.spend(token, b"tag")
    assert spent_tokens.is_repeat(token, b"tag")
    assert spent_tokens.posts == 1


def test_same_form_with_another_text_is_spent() -> None:
    spent_tokens = SpentTokens()
    token = ComposerToken(0, b"a")
    spent_tokens.spend(token, b"tag")
    with pytest.raises(TokenSpentError):
        spent_tokens.is_repeat(token, b"other")


def test_two_forms_with_the_same_serial_are_distinct() -> None:
    spent_tokens = SpentTokens()
    spent_tokens.spend(ComposerToken(0, b"a"), b"tag")
    assert not spent_tokens.is_repeat(ComposerToken(0, b"b"), b"other")


def test_form_older_than_the_recorded_tokens_is_refused() -> None:
    spent_tokens = SpentTokens()
    old = ComposerToken(0, b"old")
    spend(spent_tokens, *range(SPENT_TOKENS - 1))
    assert not spent_tokens.is_repeat(old, b"tag")
    spend(spent_tokens, SPENT_TOKENS)
    with pytest.raises(TokenSpentError):
        spent_tokens.is_repeat(old, b"tag")


def test_no_form_can_be_used_twice() -> None:
    spent_tokens = SpentTokens()
    used = [ComposerToken(number, f"{number}".encode()) for number in range(3 * SPENT_TOKENS)]
    for token in used:
        spent_tokens.spend(token, b"tag")
    for token in used[:-SPENT_TOKENS]:
        with pytest.raises(TokenSpentError):
            spent_tokens.is_repeat(token, b"tag")
    assert all(spent_tokens.is_repeat(token, b"tag") for token in used[-SPENT_TOKENS:])


def test_recorded_tokens_are_bounded() -> None:
    spent_tokens = SpentTokens()
    spend(spent_tokens, *range(10 * SPENT_TOKENS))
    assert len(spent_tokens._spent) == SPENT_TOKENS
