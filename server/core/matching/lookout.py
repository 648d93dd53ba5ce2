"""Whether somebody waits with whom a ticket has no language in common.

Two people without a common language are matched only if both accept that. Neither would, if neither
knew of the other. So the waiting page says that somebody waits who speaks another language. It must
not say more: not who, not how many, and not when they came or went.

Theory of operation
===================

Once in `LOOK_S` to `LOOK_MAX_S`, at the end of a draw, the intents and languages of the tickets
that have waited longest are copied, each combination once. All answers until the next look come
from this copy. So however many tickets somebody has and however often they ask, they learn of an
arrival or a departure only at a look, and of two looks only that something changed between them.

An answer depends on intents and languages alone. Topics, limits, blocked partners and circuits make
no difference: somebody who varies their own could otherwise read those of a single other person.
Only combinations that were there at the look get an answer: a ticket that changes its languages
gets none before the next look, so one ticket tries one combination of languages in each look.

The longest waiting tickets are those that find nobody in their own languages. A look copies at most
`LOOK_TICKETS` of each intent, so its cost does not grow with the queue.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from server.core.durations import drawn_between
from server.core.limits import LOOK_AGE_S, LOOK_MAX_S, LOOK_S, LOOK_TICKETS

from .compatibility import INTENT_WAIT_S, languages_agree
from .preferences import Intent, Preferences
from .waiting import WaitingTickets


class Lookout:
    """The intents and languages that waited at the last look. Holds no handle and no order."""

    def __init__(self) -> None:
        self._seen: frozenset[Preferences] = frozenset()
        self._next_s = -math.inf

    def look(self, waiting: WaitingTickets, now_s: float) -> None:
        """Copy what waits now, if it is time for that. Called at the end of each draw."""
        if now_s >= self._next_s:
            self._seen = frozenset(_present(waiting, now_s))
            self._next_s = now_s + drawn_between(LOOK_S, LOOK_MAX_S)

    def sees_other_language(self, preferences: Preferences) -> bool:
        """Check whether somebody waited at the last look who shares no language.

        Never true for preferences that did not wait at that look themselves.
        """
        own = _languages(preferences)
        return own in self._seen and any(
            other.intent in INTENT_WAIT_S[own.intent] and not languages_agree(own, other)
            for other in self._seen
        )


def _present(waiting: WaitingTickets, now_s: float) -> Iterator[Preferences]:
    """Yield the intent and the languages of the present tickets that have waited longest."""
    for intent in Intent:
        for number, order in enumerate(waiting.index.oldest(intent)):
            ticket = waiting.at(order)
            if number >= LOOK_TICKETS or ticket.waited_s(now_s) < LOOK_AGE_S:
                break
            if ticket.present_until_s >= now_s:
                yield _languages(ticket.preferences)


def _languages(preferences: Preferences) -> Preferences:
    """Return a copy without topics and limits."""
    return Preferences(preferences.intent, speak=preferences.speak, practise=preferences.practise)
