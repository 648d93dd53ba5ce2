"""Which two sets of preferences fit. The longer the older ticket has waited, the less must agree.

What waiting relaxes, and what it does not:

    intent     talk with listen, any with everybody; talk with talk after `TALKERS_MEET_S`;
               listen with listen never, because both would sit in silence
    topics     one in common, unless one of the two named none; ignored after `TOPICS_RELAX_S`
    language   one that both understand and at least one speaks; waived only if both agree
    limits     a ticket with topics must keep one that the other does not rule out; never waived

Every rule is symmetric: the order of the two arguments makes no difference.
"""

from __future__ import annotations

import math

from server.core.limits import SAME_PARTNER_S, TALKERS_MEET_S, TOPICS_RELAX_S

from .preferences import Intent, Preferences

NEVER_S = math.inf
"""A waiting time that is never reached."""

INTENT_WAIT_S: dict[Intent, dict[Intent, float]] = {
    Intent.TALK: {Intent.LISTEN: 0, Intent.ANY: 0, Intent.TALK: TALKERS_MEET_S},
    Intent.LISTEN: {Intent.TALK: 0, Intent.ANY: 0},
    Intent.ANY: {Intent.TALK: 0, Intent.LISTEN: 0, Intent.ANY: 0},
}
"""Seconds that the older ticket must have waited before two intents fit. A missing pair never
fits. A test checks that the table is symmetric."""

RELAXATION_TIMES_S: tuple[float, ...] = tuple(
    sorted({TOPICS_RELAX_S, TALKERS_MEET_S, SAME_PARTNER_S})
)
"""Waiting times at which a rule is relaxed, so that a ticket may fit without a new arrival."""


def fits(
    one: Preferences, other: Preferences, waited_s: float, *, waives_language: bool = False
) -> bool:
    """Check whether two sets of preferences fit.

    Args:
        one: either of the two.
        other: the other one.
        waited_s: how long the older of the two tickets has waited.
        waives_language: whether both waive a common language. One alone cannot.
    """
    return (
        INTENT_WAIT_S[one.intent].get(other.intent, NEVER_S) <= waited_s
        and (waited_s >= TOPICS_RELAX_S or topics_agree(one, other))
        and (waives_language or languages_agree(one, other))
        and leaves_a_topic(one, other)
        and leaves_a_topic(other, one)
    )


def topics_agree(one: Preferences, other: Preferences) -> bool:
    """Check whether both named a topic in common, or one of them named none."""
    return not one.topics or not other.topics or not one.topics.isdisjoint(other.topics)


def languages_agree(one: Preferences, other: Preferences) -> bool:
    """Check for a language that both understand and at least one of them speaks.

    A language that both only practise does not count: neither could help the other out. A
    visitor who names no spoken language fits everybody.
    """
    return (
        not one.speak
        or not other.speak
        or not one.speak.isdisjoint(other.speak)
        or not one.speak.isdisjoint(other.practise)
        or not one.practise.isdisjoint(other.speak)
    )


def leaves_a_topic(one: Preferences, other: Preferences) -> bool:
    """Check whether the limits of `one` leave `other` a topic. Without topics, always true."""
    return not other.topics or not other.topics <= one.limits
