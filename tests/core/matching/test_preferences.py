"""A wish is small and cannot be made large."""

from __future__ import annotations

import pytest

from server.core.limits import MAX_CHOICES
from server.core.matching.preferences import Intent, Preferences

FIELDS = ("topics", "speak", "practise", "limits")


def test_wish_for_nothing_in_particular_names_nothing() -> None:
    assert not any(getattr(Preferences(Intent.ANY), field) for field in FIELDS)


def test_same_wish_is_equal_however_it_was_written() -> None:
    one = Preferences(Intent.TALK, topics=frozenset({"x", "y"}))
    assert one == Preferences(Intent.TALK, frozenset(["y", "x"]))
    assert len({one, Preferences(Intent.TALK, frozenset(["y", "x"]))}) == 1


@pytest.mark.parametrize("field", FIELDS)
def test_each_set_holds_four_and_no_more(field: str) -> None:
    codes = frozenset(f"{number}" for number in range(MAX_CHOICES))
    assert getattr(Preferences(Intent.ANY, **{field: codes}), field) == codes
    with pytest.raises(ValueError, match="too many"):
        Preferences(Intent.ANY, **{field: codes | {"more"}})
