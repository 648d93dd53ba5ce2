"""Preferences are bounded values, compared by their content."""

from __future__ import annotations

import pytest

from server.core.limits import MAX_CHOICES, MAX_LIMITS
from server.core.matching.preferences import Intent, Preferences

FIELDS = ("topics", "speak", "practise", "limits")
MOST = {**dict.fromkeys(FIELDS, MAX_CHOICES), "limits": MAX_LIMITS}


def test_default_preferences_are_empty() -> None:
    assert not any(getattr(Preferences(Intent.ANY), field) for field in FIELDS)


def test_preferences_are_equal_in_any_order() -> None:
    one = Preferences(Intent.TALK, topics=frozenset({"x", "y"}))
    assert one == Preferences(Intent.TALK, frozenset(["y", "x"]))
    assert len({one, Preferences(Intent.TALK, frozenset(["y", "x"]))}) == 1


@pytest.mark.parametrize("field", FIELDS)
def test_each_set_is_bounded(field: str) -> None:
    codes = frozenset(f"{number}" for number in range(MOST[field]))
    assert getattr(Preferences(Intent.ANY, **{field: codes}), field) == codes
    with pytest.raises(ValueError, match="too many"):
        Preferences(Intent.ANY, **{field: codes | {"more"}})


def test_topic_cannot_be_a_limit_as_well() -> None:
    with pytest.raises(ValueError, match="a topic is one of the limits"):
        Preferences(Intent.ANY, topics=frozenset("xy"), limits=frozenset("yz"))
