"""Which two wishes go together: less has to agree, the longer the older of the two has waited.

What time loosens, and what it never does:

    intent     talk with listen, any with everybody; two who talk after `TALKERS_MEET_S`;
               two who listen never, they would sit in silence
    topics     one in common, or one of the two named none; nothing after `TOPICS_OPEN_S`
    language   one that both read and at least one speaks; only both together can waive it
    limits     whoever named topics keeps one that the other does not rule out; never waived

Every rule is symmetric: who is asked first makes no difference.
"""

from __future__ import annotations

import math

from server.core.limits import SAME_AGAIN_S, TALKERS_MEET_S, TOPICS_OPEN_S

from .preferences import Intent, Preferences

NEVER_S = math.inf
"""A wait that is never over."""

FITS: dict[Intent, dict[Intent, float]] = {
    Intent.TALK: {Intent.LISTEN: 0, Intent.ANY: 0, Intent.TALK: TALKERS_MEET_S},
    Intent.LISTEN: {Intent.TALK: 0, Intent.ANY: 0},
    Intent.ANY: {Intent.TALK: 0, Intent.LISTEN: 0, Intent.ANY: 0},
}
"""Who may be matched with whom, once the older has waited so many seconds. A test holds it
symmetric. What is not here never fits."""

WIDENS_S: tuple[float, ...] = tuple(sorted({TOPICS_OPEN_S, TALKERS_MEET_S, SAME_AGAIN_S}))
"""How long somebody has waited when more people fit than a moment before, without any arrival."""


def fits(
    one: Preferences, other: Preferences, waited_s: float, *, waives_language: bool = False
) -> bool:
    """Tell whether two wishes go together.

    Args:
        one: either of the two.
        other: the other one.
        waited_s: how long the older of the two has waited.
        waives_language: whether both gave up on a common language. One alone cannot.
    """
    return (
        FITS[one.intent].get(other.intent, NEVER_S) <= waited_s
        and (waited_s >= TOPICS_OPEN_S or topics_agree(one, other))
        and (waives_language or languages_agree(one, other))
        and leaves_something(one, other)
        and leaves_something(other, one)
    )


def topics_agree(one: Preferences, other: Preferences) -> bool:
    """Tell whether both named a topic in common, or one of them named none."""
    return not one.topics or not other.topics or not one.topics.isdisjoint(other.topics)


def languages_agree(one: Preferences, other: Preferences) -> bool:
    """Tell whether there is a language that both read and at least one of them speaks.

    Two who practise the same one and speak no other in common do not count: neither could
    help the other out. Who names no language spoken fits everybody.
    """
    return (
        not one.speak
        or not other.speak
        or not one.speak.isdisjoint(other.speak)
        or not one.speak.isdisjoint(other.practise)
        or not one.practise.isdisjoint(other.speak)
    )


def leaves_something(one: Preferences, other: Preferences) -> bool:
    """Tell whether the limits of `one` leave `other` a topic. Who named none loses nothing."""
    return not other.topics or not other.topics <= one.limits
