"""The rules for which preferences fit, and which of them waiting relaxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.limits import MAX_LIMITS, TALKERS_MEET_S, TOPICS_RELAX_S
from server.core.matching.compatibility import INTENT_WAIT_S, RELAXATION_TIMES_S, fits
from server.core.matching.preferences import Intent, Preferences

DAYS_S = 1e6
CODES = st.frozensets(st.sampled_from("xyz"), max_size=3)
LIMITS = st.frozensets(st.sampled_from("xyz"), max_size=MAX_LIMITS)
PREFERENCES = st.builds(
    lambda intent, topics, speak, practise, limits: Preferences(
        intent, topics - limits, speak, practise, limits
    ),
    *(st.sampled_from(Intent), CODES, CODES, CODES, LIMITS),
)


def preferences(
    intent: Intent = Intent.ANY,
    *,
    about: str = "",
    speak: str = "",
    learn: str = "",
    not_: str = "",
) -> Preferences:
    """Make preferences in which each code is one letter."""
    return Preferences(
        intent, frozenset(about), frozenset(speak), frozenset(learn), frozenset(not_)
    )


def test_intent_table_is_symmetric() -> None:
    for intent, fitting in INTENT_WAIT_S.items():
        for other, wait_s in fitting.items():
            assert INTENT_WAIT_S[other][intent] == wait_s
    assert set(INTENT_WAIT_S) == set(Intent)


@given(PREFERENCES, PREFERENCES, st.sampled_from([0, *RELAXATION_TIMES_S]), st.booleans())
def test_fits_is_symmetric(
    one: Preferences, other: Preferences, waited_s: float, waives_language: bool
) -> None:
    assert fits(one, other, waited_s, waives_language=waives_language) == fits(
        other, one, waited_s, waives_language=waives_language
    )


@given(PREFERENCES, PREFERENCES, st.floats(0, 200), st.floats(0, 200))
def test_two_that_fit_still_fit_later(
    one: Preferences, other: Preferences, wait_s: float, more_s: float
) -> None:
    assert fits(one, other, wait_s + more_s) >= fits(one, other, wait_s)


@given(PREFERENCES, PREFERENCES, st.floats(0, 200))
def test_fits_changes_only_at_relaxation_times(
    one: Preferences, other: Preferences, wait_s: float
) -> None:
    last_change_s = max((moment for moment in RELAXATION_TIMES_S if moment <= wait_s), default=0)
    assert fits(one, other, wait_s) == fits(one, other, last_change_s)


def test_talk_fits_listen_and_any_fits_everybody() -> None:
    assert fits(preferences(Intent.TALK), preferences(Intent.LISTEN), 0)
    assert all(fits(preferences(Intent.ANY), preferences(intent), 0) for intent in Intent)


def test_two_talkers_fit_only_after_a_minute() -> None:
    assert not fits(preferences(Intent.TALK), preferences(Intent.TALK), TALKERS_MEET_S - 0.1)
    assert fits(preferences(Intent.TALK), preferences(Intent.TALK), TALKERS_MEET_S)


def test_two_listeners_never_fit() -> None:
    assert not fits(
        preferences(Intent.LISTEN), preferences(Intent.LISTEN), DAYS_S, waives_language=True
    )


def test_one_topic_in_common_is_enough() -> None:
    assert fits(preferences(about="xy"), preferences(about="yz"), 0)


def test_no_topic_means_any_topic() -> None:
    assert fits(preferences(about="x"), preferences(), 0)
    assert fits(preferences(), preferences(), 0)


def test_topics_need_not_agree_after_twenty_seconds() -> None:
    assert not fits(preferences(about="x"), preferences(about="y"), TOPICS_RELAX_S - 0.1)
    assert fits(preferences(about="x"), preferences(about="y"), TOPICS_RELAX_S)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (preferences(speak="xy"), preferences(speak="yz"), True),
        (preferences(speak="x"), preferences(speak="y"), False),
        # One practises what the other speaks.
        (preferences(speak="x", learn="y"), preferences(speak="y"), True),
        (preferences(speak="x", learn="y"), preferences(speak="y", learn="x"), True),
        # Both practise the same language, and neither speaks it.
        (preferences(speak="x", learn="z"), preferences(speak="y", learn="z"), False),
        # No language named means any language.
        (preferences(), preferences(speak="y"), True),
        (preferences(learn="z"), preferences(speak="y"), True),
    ],
)
def test_languages_agree_if_one_speaks_what_both_understand(
    one: Preferences, other: Preferences, agree: bool
) -> None:
    assert fits(one, other, 0) is agree


def test_waiting_does_not_relax_the_language() -> None:
    assert not fits(preferences(speak="x"), preferences(speak="y"), DAYS_S)


def test_common_language_can_be_waived_by_both() -> None:
    assert fits(preferences(speak="x"), preferences(speak="y"), 0, waives_language=True)


@pytest.mark.parametrize("waited_s", [0, DAYS_S])
def test_limits_that_leave_no_topic_never_fit(waited_s: float) -> None:
    assert not fits(preferences(about="x"), preferences(not_="x"), waited_s, waives_language=True)
    assert not fits(
        preferences(about="xy"), preferences(about="z", not_="xy"), waited_s, waives_language=True
    )


def test_limits_that_leave_a_topic_fit() -> None:
    assert fits(preferences(about="xy"), preferences(not_="x"), 0)


def test_limits_do_not_affect_a_partner_without_topics() -> None:
    assert fits(preferences(), preferences(not_="xy"), 0)
