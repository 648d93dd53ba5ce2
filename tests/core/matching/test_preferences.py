"""Preferences are bounded values, compared by their content."""

from __future__ import annotations

import pytest

from server.core.limits import MAX_CHOICES
from server.core.matching.preferences import Intent, Preferences

FIELDS = ("topics", "speak", "practise", "limits")


def test_default_preferences_are_empty() -> None:
    assert not any(getattr(Preferences(Intent.ANY), field) for field in FIELDS)


def test_preferences_are_equal_in_any_order() -> None:
    one = Preferences(Intent.TALK, topics=frozenset({"x", "y"}))
    assert one == Preferences(Intent.TALK, frozenset(["y", "x"]))
    assert len({one, Preferences(Intent.TALK, frozenset(["y", "x"]))}) == 1


@pytest.mark.parametrize("field", FIELDS)
def test_each_set_holds_at_most_four_choices(field: str) -> None:
    codes = frozenset(f"{number}" for number in range(MAX_CHOICES))
    assert getattr(Preferences(Intent.ANY, **{field: codes}), field) == codes
    with pytest.raises(ValueError, match="too many"):
        Preferences(Intent.ANY, **{field: codes | {"more"}})
