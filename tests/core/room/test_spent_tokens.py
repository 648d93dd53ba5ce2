"""A form serves once, may be sent again by accident, and never serves for other words."""

from __future__ import annotations

import pytest

from server.core.errors import TokenSpentError
from server.core.limits import SPENT_TOKENS
from server.core.room.spent_tokens import ComposerToken, Receipts


def spend(receipts: Receipts, *numbers: int) -> None:
    for number in numbers:
        receipts.spend(ComposerToken(receipts.posts, f"{number}".encode()), b"tag")


def test_fresh_form_is_no_repeat() -> None:
    assert not Receipts().is_repeat(ComposerToken(0, b"a"), b"tag")


def test_same_form_with_the_same_words_is_a_repeat() -> None:
    receipts = Receipts()
    token = ComposerToken(0, b"a")
    receipts.spend(token, b"tag")
    assert receipts.is_repeat(token, b"tag")
    assert receipts.posts == 1


def test_same_form_with_other_words_is_spent() -> None:
    receipts = Receipts()
    token = ComposerToken(0, b"a")
    receipts.spend(token, b"tag")
    with pytest.raises(TokenSpentError):
        receipts.is_repeat(token, b"other")


def test_two_forms_of_the_same_serial_are_two_forms() -> None:
    receipts = Receipts()
    receipts.spend(ComposerToken(0, b"a"), b"tag")
    assert not receipts.is_repeat(ComposerToken(0, b"b"), b"other")


def test_form_that_is_older_than_the_memory_is_asked_again() -> None:
    receipts = Receipts()
    old = ComposerToken(0, b"old")
    spend(receipts, *range(SPENT_TOKENS - 1))
    assert not receipts.is_repeat(old, b"tag")
    spend(receipts, SPENT_TOKENS)
    with pytest.raises(TokenSpentError):
        receipts.is_repeat(old, b"tag")


def test_no_form_ever_serves_twice_however_many_came_between() -> None:
    receipts = Receipts()
    used = [ComposerToken(number, f"{number}".encode()) for number in range(3 * SPENT_TOKENS)]
    for token in used:
        receipts.spend(token, b"tag")
    for token in used[:-SPENT_TOKENS]:
        with pytest.raises(TokenSpentError):
            receipts.is_repeat(token, b"tag")
    assert all(receipts.is_repeat(token, b"tag") for token in used[-SPENT_TOKENS:])


def test_memory_is_bounded() -> None:
    receipts = Receipts()
    spend(receipts, *range(10 * SPENT_TOKENS))
    assert len(receipts._spent) == SPENT_TOKENS
