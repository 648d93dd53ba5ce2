"""Two wishes fit by rules that anybody can read, and time loosens some and never others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.limits import TALKERS_MEET_S, TOPICS_OPEN_S
from server.core.matching.compatibility import FITS, WIDENS_S, fits
from server.core.matching.preferences import Intent, Preferences

DAYS_S = 1e6
CODES = st.frozensets(st.sampled_from("xyz"), max_size=3)
WISHES = st.builds(Preferences, st.sampled_from(Intent), CODES, CODES, CODES, CODES)


def preferences(
    intent: Intent = Intent.ANY,
    *,
    about: str = "",
    speak: str = "",
    learn: str = "",
    not_: str = "",
) -> Preferences:
    """A wish of which each code is one letter."""
    return Preferences(
        intent, frozenset(about), frozenset(speak), frozenset(learn), frozenset(not_)
    )


def test_fitting_is_mutual() -> None:
    for intent, fitting in FITS.items():
        for other, wait_s in fitting.items():
            assert FITS[other][intent] == wait_s
    assert set(FITS) == set(Intent)


@given(WISHES, WISHES, st.sampled_from([0, *WIDENS_S]), st.booleans())
def test_who_is_asked_first_makes_no_difference(
    one: Preferences, other: Preferences, waited_s: float, waives_language: bool
) -> None:
    assert fits(one, other, waited_s, waives_language=waives_language) == fits(
        other, one, waited_s, waives_language=waives_language
    )


@given(WISHES, WISHES, st.floats(0, 200), st.floats(0, 200))
def test_whoever_fits_still_fits_later(
    one: Preferences, other: Preferences, wait_s: float, more_s: float
) -> None:
    assert fits(one, other, wait_s + more_s) >= fits(one, other, wait_s)


@given(WISHES, WISHES, st.floats(0, 200))
def test_nothing_changes_but_at_the_known_moments(
    one: Preferences, other: Preferences, wait_s: float
) -> None:
    last_change_s = max((moment for moment in WIDENS_S if moment <= wait_s), default=0)
    assert fits(one, other, wait_s) == fits(one, other, last_change_s)


def test_talk_fits_listen_and_any_fits_everybody() -> None:
    assert fits(preferences(Intent.TALK), preferences(Intent.LISTEN), 0)
    assert all(fits(preferences(Intent.ANY), preferences(intent), 0) for intent in Intent)


def test_two_who_talk_fit_after_a_minute_and_not_before() -> None:
    assert not fits(preferences(Intent.TALK), preferences(Intent.TALK), TALKERS_MEET_S - 0.1)
    assert fits(preferences(Intent.TALK), preferences(Intent.TALK), TALKERS_MEET_S)


def test_two_who_listen_never_fit() -> None:
    assert not fits(
        preferences(Intent.LISTEN), preferences(Intent.LISTEN), DAYS_S, waives_language=True
    )


def test_one_topic_in_common_is_enough() -> None:
    assert fits(preferences(about="xy"), preferences(about="yz"), 0)


def test_no_topic_is_any_topic() -> None:
    assert fits(preferences(about="x"), preferences(), 0)
    assert fits(preferences(), preferences(), 0)


def test_topics_need_not_agree_after_twenty_seconds() -> None:
    assert not fits(preferences(about="x"), preferences(about="y"), TOPICS_OPEN_S - 0.1)
    assert fits(preferences(about="x"), preferences(about="y"), TOPICS_OPEN_S)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (preferences(speak="xy"), preferences(speak="yz"), True),
        (preferences(speak="x"), preferences(speak="y"), False),
        # One learns what the other speaks.
        (preferences(speak="x", learn="y"), preferences(speak="y"), True),
        (preferences(speak="x", learn="y"), preferences(speak="y", learn="x"), True),
        # Both learn the same, and neither speaks it.
        (preferences(speak="x", learn="z"), preferences(speak="y", learn="z"), False),
        # Who names none speaks any.
        (preferences(), preferences(speak="y"), True),
        (preferences(learn="z"), preferences(speak="y"), True),
    ],
)
def test_both_read_a_language_that_one_of_them_speaks(
    one: Preferences, other: Preferences, agree: bool
) -> None:
    assert fits(one, other, 0) is agree


def test_no_wait_makes_up_for_a_language() -> None:
    assert not fits(preferences(speak="x"), preferences(speak="y"), DAYS_S)


def test_both_together_may_do_without_a_common_language() -> None:
    assert fits(preferences(speak="x"), preferences(speak="y"), 0, waives_language=True)


@pytest.mark.parametrize("waited_s", [0, DAYS_S])
def test_who_has_no_topic_left_by_the_limits_of_the_other_never_fits(waited_s: float) -> None:
    assert not fits(preferences(about="x"), preferences(not_="x"), waited_s, waives_language=True)
    assert not fits(
        preferences(about="xy"), preferences(about="z", not_="xy"), waited_s, waives_language=True
    )


def test_who_keeps_a_topic_beside_the_limits_of_the_other_fits() -> None:
    assert fits(preferences(about="xy"), preferences(not_="x"), 0)


def test_limits_take_nothing_from_who_named_no_topic() -> None:
    assert fits(preferences(), preferences(not_="xyz"), 0)
