"""The lines that tickets stand in, so that an arrival need not look at everybody.

Theory of operation
===================

A ticket stands in one line for each way to be found, under a key of intent, language and topic:

    intent     its own
    language   each one it speaks, each one it practises; `OPEN` if it named none; `FURTHER` if
               it does without; and `EVERYBODY`
    topic      each one it named, or `NONE_NAMED`; and `WIDE`

One with a language and two topics stands in 6 lines, and none in more than 50.
A line holds orders only, never a handle, and the oldest stands first.

Whoever looks for somebody walks along all lines that suit him at once, oldest first. As orders
are drawn in the order of arrival, those in a line who have waited long enough for a looser rule
are its beginning: a wide line is walked as far as its topics are open, and no further. So what
comes up has agreed on intent, language and topic already; only limits, the never-again list,
the last partner and presence are left to check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heapreplace

from server.core.limits import TOPICS_OPEN_S

from .compatibility import FITS
from .preferences import Preferences
from .sorted_ints import SortedInts

Key = tuple[str, str, str, str]
"""Intent, kind of language, language, topic."""

EVERYBODY, OPEN, FURTHER = ("everybody", ""), ("open", ""), ("further", "")
SPEAKS, PRACTISES = "speaks", "practises"

WIDE = "*"
NONE_NAMED = ""


class TicketIndex:
    """All lines of the house; a line that nobody stands in does not exist."""

    def __init__(self) -> None:
        self._lines: dict[Key, SortedInts] = {}

    def __len__(self) -> int:
        """How many places are taken in all lines together."""
        return sum(map(len, self._lines.values()))

    def stand(self, order: int, preferences: Preferences, *, waives_language: bool) -> None:
        """Put a ticket into its lines; where it stands already, it stays."""
        for key in _places(preferences, waives_language=waives_language):
            line = self._lines.get(key)
            if line is None:
                line = self._lines[key] = SortedInts()
            line.add(order)

    def leave(self, order: int, preferences: Preferences, *, waives_language: bool) -> None:
        """Take a ticket out of all its lines."""
        for key in _places(preferences, waives_language=waives_language):
            self.step_out(order, key)

    def step_out(self, order: int, key: Key) -> None:
        """Take a ticket out of one line."""
        line = self._lines.get(key)
        if line is not None:
            line.discard(order)
            if not line:
                del self._lines[key]

    def walk(
        self,
        preferences: Preferences,
        waited_s: Callable[[int], float],
        *,
        waives_language: bool,
        start: int,
    ) -> Iterator[tuple[int, Key]]:
        """Yield who may suit a wish, oldest first, with the line where each was found.

        Who stands in several of the lines comes up as often, at one stroke. No line may change
        before the walk is over.

        Args:
            preferences: of the one who looks.
            waited_s: how long the older of two has waited: the one who looks, and an order.
            waives_language: whether the one who looks does without a common language.
            start: the first order of interest.
        """
        heads = []
        for number, (key, need_s) in enumerate(_ways(preferences, waives_language=waives_language)):
            line = self._lines.get(key)
            if line is not None:
                rest = line.walk(start)
                first = next(rest, None)
                if first is not None and waited_s(first) >= need_s:
                    heads.append((first, number, key, need_s, rest))
        heapify(heads)
        while heads:
            order, number, key, need_s, rest = heads[0]
            yield order, key
            following = next(rest, None)
            if following is None or waited_s(following) < need_s:
                heappop(heads)
            else:
                heapreplace(heads, (following, number, key, need_s, rest))


def _places(preferences: Preferences, *, waives_language: bool) -> Iterator[Key]:
    """The lines that a ticket stands in."""
    languages = [EVERYBODY, *_kept(preferences)]
    if waives_language:
        languages.append(FURTHER)
    topics = (WIDE, *(preferences.topics or (NONE_NAMED,)))
    name = preferences.intent.value
    for kind, language in languages:
        for topic in topics:
            yield name, kind, language, topic


def _kept(preferences: Preferences) -> Iterator[tuple[str, str]]:
    if not preferences.speak:
        yield OPEN
        return
    for language in preferences.speak:
        yield SPEAKS, language
    for language in preferences.practise:
        yield PRACTISES, language


def _ways(preferences: Preferences, *, waives_language: bool) -> Iterator[tuple[Key, float]]:
    """The lines to look along, and how long the older must have waited there."""
    languages = list(_sought(preferences, waives_language=waives_language))
    for intent, need_s in FITS[preferences.intent].items():
        narrow = preferences.topics and need_s < TOPICS_OPEN_S
        topics = [(topic, need_s) for topic in (*preferences.topics, NONE_NAMED)] if narrow else []
        topics.append((WIDE, max(need_s, TOPICS_OPEN_S) if preferences.topics else need_s))
        name = intent.value
        for kind, language in languages:
            for topic, topic_need_s in topics:
                yield (name, kind, language, topic), topic_need_s


def _sought(preferences: Preferences, *, waives_language: bool) -> Iterator[tuple[str, str]]:
    if not preferences.speak:
        yield EVERYBODY
        return
    yield OPEN
    for language in preferences.speak:
        yield PRACTISES, language
    for language in preferences.speak | preferences.practise:
        yield SPEAKS, language
    if waives_language:
        yield FURTHER
